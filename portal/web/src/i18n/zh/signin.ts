import type { Dictionary } from '../dictionary';
import type { signin as en } from '../en/signin';

export const signin: Dictionary<typeof en> = {
  title: '登录',
  lead: '消息存放在 MySQL 表中的消息队列。',
  name: '用户名',
  password: '密码',
  submit: '登录',
  withProvider: '使用公司账号登录',
  or: '或',
  asDemo: '以演示团队身份登录',
  demoFailed: '演示团队无法登录',
  wrong: '用户名或密码错误。',
  tooOften: '该地址尝试次数过多，请在 {span} 后重试。',
  ended: '会话已结束，登录后可从原处继续。',
  forgot: '忘记密码？管理员可以重新设置：',
  changeTitle: '设置密码',
  changeLead: '登录所用的密码是他人代设的，请换成只有您知道的密码。',
  current: '原密码',
  fresh: '新密码',
  freshHint: '至少 12 个字符，可以是一句话。',
  again: '再次输入新密码',
  differ: '两次输入不一致。',
  changeSubmit: '使用此密码',
  changed: '密码已更新。',
};
