/** Plays cells and says which do not end as tests/rls/allowed.ts says. */
import type { Actor, ApiClient } from "./actors";
import { allowed } from "./allowed";
import { type Cell, outcomeOf } from "./cells";

/** Eight at a time. @returns a line for each cell that ended otherwise, or has no line in the table; sorted */
export async function deviations(cells: readonly Cell[], clients: Record<Actor, ApiClient>): Promise<string[]> {
  const wrong: string[] = [];
  const queue = [...cells];
  const worker = async () => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) {
      const { relation, operation, target, actor } = cell;
      const name = `${relation.name} ${operation} ${target} by ${actor}`;
      const expected = allowed(relation.name, operation, target, actor);
      if (!expected) {
        wrong.push(`${name}: no line in tests/rls/allowed.ts`);
        continue;
      }
      const outcome = await outcomeOf(cell, clients[actor]);
      if (outcome !== expected) wrong.push(`${name}: ${outcome}, expected ${expected}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return wrong.sort();
}
