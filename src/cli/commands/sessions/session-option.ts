import { isSessionName } from "../../../domain/sessions/session-names.js";
import { text } from "../../command.js";

/** The session that `tmux-shells` and `tmux-sync` are about. */
export const SHELLS = "devkit-shells";

export const session = text("--session <name>", `the session, instead of ${SHELLS}`, (raw) => {
  if (isSessionName(raw)) return raw;
  throw new TypeError(
    `"${raw}" is no session's name: letters, digits, spaces, _ and -; tmux takes : and . for its own.`,
  );
});
