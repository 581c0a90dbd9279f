import { stringify } from "yaml";
import type { Layout } from "../../domain/sessions/layout.js";

const HEAD = `# A session for tmux: devkit layout apply FILE --attach
# A window has an agent (index or agent) and may have a path, a name, a command and an overlay.
`;

/** A layout as the YAML file it can be read from. */
export function formatLayout({ session, count, overlays, windows }: Layout): string {
  const plain = {
    session,
    ...(count === undefined ? {} : { count }),
    ...(overlays.length === 0
      ? {}
      : {
          overlays: overlays.map(({ name, agents }) =>
            agents === undefined ? name : { name, agents: agents.map((agent) => agent.name) },
          ),
        }),
    windows: windows.map(({ agent, ...rest }) => ({
      agent: agent.name,
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    })),
  };
  return `${HEAD}${stringify(plain)}`;
}
