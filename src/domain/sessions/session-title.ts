import { showText } from "../../base/show-text.js";

/** What the window and the pane of an agent are called. */
export function sessionTitle(agent: string, branch: string | undefined): string {
  return branch === undefined ? agent : `${agent} · ${showText(branch)}`;
}
