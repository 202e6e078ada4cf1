export const placement = {
  title: 'Placement',
  lead: 'Which partitions are on which data nodes, in which tables.',
  topic: 'Topic',
  topicBegins: 'Topic begins with',
  deleted: 'deleted',
  table: 'Table',
  broker: 'Preferred broker',
  nobody: 'none is alive',
  allNodes: 'All data nodes',
  none: 'There are no partitions',
  noneWhy: 'The first topic brings them.',
  onNode: 'What is on it',
};
