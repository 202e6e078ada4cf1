import type { Dictionary } from '../dictionary';
import type { shared as en } from '../en/shared';

export const shared: Dictionary<typeof en> = {
  sign: '变化',
  field: '字段',
  before: '变更前',
  after: '变更后',
  was: '原值',
  value: '值',
  added: '新增',
  removed: '删除',
  changed: '修改',
  same: '未变',
  noDifference: '没有差异。',
  showSame: '显示未变化的 {n} 个字段',
  changedOnly: '只看变化',
  needsAdmin: '仅管理员可以操作。',
  needsOperator: '仅运维人员和管理员可以操作。',
  forEver: '永不过期',
  hidden: '您无权查看消息内容：',
  hiddenOf: '您无权查看 {topic} 的消息内容：',
  askForPeek: '申请 peek 权限',
};
