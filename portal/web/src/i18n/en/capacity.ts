export const capacity = {
  title: 'Capacity',
  lead: 'Whether the data nodes are too few for what is to come, or more than it takes.',
  fine: 'Right as it is',
  expand: 'Expand',
  shrink: 'Could shrink',
  fineWhy:
    '{free} {free:table is|tables are} free for {ahead} new {ahead:partition|partitions}, and no data node could be done without.',
  noWritableNode: 'No data node takes new partitions: add one, or make one writable.',
  noRoom:
    '{ahead} new {ahead:partition does|partitions do} not fit: {free} {free:table is|tables are} free. Add a data node.',
  tablesLow: 'More than nine tenths of the tables are used. Add a data node.',
  bytesLow: 'A data node has used nine tenths of its bytes: move partitions away, keep less, or give it more.',
  nodeToSpare:
    'Any one of these could be emptied onto the others, which would stay half empty: {nodes}. Look at their load first.',
  ahead: 'New partitions to fit',
  aheadFact: 'New partitions that are to fit',
  badAhead: 'A whole number up to 1,000,000, or nothing: as many as were new lately.',
  tables: 'Tables of writable nodes',
  usedOf: '{used} used, {share}',
  recent: 'Partitions of topics made in {days} days',
  daysLeft: 'At that pace the tables last',
  days: '{n} {n:day|days}',
  basis:
    'By tables, and by bytes where both figures are known. Partitions that older topics got lately are not counted as new: nobody notes when. Load is not looked at.',
  takesNew: 'New partitions',
  share: 'Of its tables',
  declared: 'It may use',
  bytesShare: 'Of its bytes',
  notKnown: 'not known',
  notDeclared: 'not declared',
  spare: 'To spare',
  canBeEmptied: 'can be emptied',
};
