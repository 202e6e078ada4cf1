import type { Dictionary } from '../dictionary';
import type { trim as en } from '../en/trim';

export const trim: Dictionary<typeof en> = {
  lead: '删除最旧的消息，或当前的全部消息。主题、设置和消费组都保留。',
  title: '删除 {name} 的消息',
  action: '删除消息',
  which: '删除哪些消息',
  older: '早于指定时长的消息',
  all: '当前的全部消息',
  age: '时长',
  ageHint: '36h、7d：更新的消息保留。',
  outlook: '将要删除的内容',
  messages: '将删除 {n} 条消息。',
  unread: '有 {n} 个消费组尚未读完：{who}。',
  refused: '有 {n} 个分区拒绝：',
  forGood: '此操作无法撤销。死信、重试和延迟消息保留。',
  loseUnread: '包括消费组尚未读取的消息',
  done: '已删除 {name} 的 {n} 条消息。',
};
