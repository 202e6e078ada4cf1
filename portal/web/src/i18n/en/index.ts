import { admin } from './admin';
import { alerts } from './alerts';
import { audit } from './audit';
import { capacity } from './capacity';
import { common } from './common';
import { deadLetters } from './deadLetters';
import { grants } from './grants';
import { groups } from './groups';
import { home } from './home';
import { hygiene } from './hygiene';
import { messages } from './messages';
import { newTopic } from './newTopic';
import { outboxes } from './outboxes';
import { people } from './people';
import { placement } from './placement';
import { policy } from './policy';
import { quotas } from './quotas';
import { requests } from './requests';
import { servers } from './servers';
import { shared } from './shared';
import { shell } from './shell';
import { signin } from './signin';
import { teams } from './teams';
import { tokens } from './tokens';
import { topics } from './topics';
import { trace } from './trace';
import { trim } from './trim';

/** One line for each area; an area belongs to one page folder. */
export const en = {
  admin,
  alerts,
  audit,
  capacity,
  common,
  deadLetters,
  grants,
  groups,
  home,
  hygiene,
  messages,
  newTopic,
  outboxes,
  people,
  placement,
  policy,
  quotas,
  requests,
  servers,
  shared,
  shell,
  signin,
  teams,
  tokens,
  topics,
  trace,
  trim,
};
