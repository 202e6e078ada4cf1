import type { Dictionary } from '../dictionary';
import type { placement as en } from '../en/placement';

export const placement: Dictionary<typeof en> = {
  title: '分布',
  lead: '各分区所在的数据节点和表。',
  topic: '主题',
  topicBegins: '主题开头',
  deleted: '已删除',
  table: '表',
  broker: '首选 broker',
  nobody: '无存活 broker',
  allNodes: '全部数据节点',
  none: '没有分区',
  noneWhy: '创建第一个主题后即有。',
  onNode: '查看其上的分区',
};
