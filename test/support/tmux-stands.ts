import { afterEach } from "vitest";
import { createTmuxStand, type TmuxStand } from "./tmux-stand.js";

/** What opens tmux servers for the tests of a file; each ends with its test. */
export function tmuxStands(): (config?: string) => Promise<TmuxStand> {
  const stands: TmuxStand[] = [];
  afterEach(async () => {
    await Promise.all(stands.splice(0).map((stand) => stand.remove()));
  });
  return async (config) => {
    const stand = await createTmuxStand(config);
    stands.push(stand);
    return stand;
  };
}
