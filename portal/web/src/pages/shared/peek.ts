/** Who may not read what is in messages asks for "peek": a request that says so already. */
interface Seat {
  team?: string;
  role?: string;
}

/** Of those whose teams have several, the one that he leads may have it first; without a team he names one himself. */
export function peekRequest(topic: string, seats: readonly Seat[] = []): string {
  const team = (seats.find((seat) => seat.role === 'lead') ?? seats[0])?.team;
  const query = new URLSearchParams({ kind: 'put_grant', name: topic });
  if (team) query.set('principal', `team:${team}`);
  query.set('adds', 'peek');
  return `/requests/new?${query.toString()}`;
}
