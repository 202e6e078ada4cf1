import type { Dictionary } from '../dictionary';
import type { hygiene as en } from '../en/hygiene';

export const hygiene: Dictionary<typeof en> = {
  title: '待整理',
  lead: '需要处理的事项：即将到期的授权、已不存在的归属、无人使用的主题。',
  what: '类别',
  finding: '说明',
  whose: '负责方',
  operators: '运维',
  when: '时间',
  next: '下一步',
  everything: '全部',
  grant_ends: '授权到期',
  owner_gone: '归属缺失',
  nobody_writes: '无人写入',
  nobody_reads: '无人读取',
  seeGrants: '查看授权',
  setOwner: '设置归属',
  look: '查看',
  idle: '闲置时长',
  idleDays: '闲置 {n} 天',
  young: '{n} 个主题的观察时间不足 {days} 天，暂不能判断是否有人使用。',
  notWhole: '结果过多，未全部列出，请按团队或类别筛选。',
  emptyTitle: '一切整洁',
  emptyText: '没有即将到期的授权，没有缺失的归属，主题都有人使用。',
};
