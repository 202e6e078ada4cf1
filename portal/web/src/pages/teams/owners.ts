/** Teams to filter by: whose a topic or a group is. */

export interface OwnerChoice {
  team: string;
  isMine: boolean;
}

/** One's own teams first, then the others by name; one that was asked for and is not known stays to choose. */
export function ownerChoices(mine: readonly string[], all: readonly string[], chosen: string): OwnerChoice[] {
  const own = [...new Set(mine)].sort();
  const others = [...new Set([...all, ...(chosen ? [chosen] : [])])].filter((team) => !own.includes(team)).sort();
  return [...own.map((team) => ({ team, isMine: true })), ...others.map((team) => ({ team, isMine: false }))];
}
