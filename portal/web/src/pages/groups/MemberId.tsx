import { shortId } from './members';

/** A member's id is long and random at its end: short, all of it on hover. */
export const MemberId = ({ id }: { id: string }) => <span title={id}>{shortId(id)}</span>;
