import * as v from "valibot";
import { parseHostPattern } from "../domain/egress/host-pattern.js";
import { isKnownForge } from "../domain/ssh/forges.js";
import { envNameProblem } from "./env-names.js";
import { showValue } from "./show-value.js";
import { matching, tableOfText, type EntryProblem } from "./value-schemas.js";

/** The name of a variable that is the user's to give away. */
export function variableName() {
  const example = 'the name of a variable, such as "OPENAI_API_KEY"';
  return v.pipe(
    matching(/^\w+$/, example),
    v.check(
      (name) => envNameProblem(name) === undefined,
      `must be ${example}, and none that devkit sets itself`,
    ),
  );
}

/** Names in remotes' URLs, and where the ssh of each is on port 443. */
export function sshHosts() {
  return tableOfText('{ "git.example.com" = "ssh.example.com" }', (name, value) => {
    const problems: EntryProblem[] = [];
    if (isKnownForge(name)) problems.push({ part: "key", message: "is known to devkit as it is" });
    else if (!isHostName(name)) problems.push({ part: "key", message: "is not the name of a host" });
    if (typeof value !== "string" || !isHostName(value))
      problems.push({ part: "value", message: `must be the name of a host, not ${showValue(value)}` });
    return problems;
  });
}

function isHostName(text: string): boolean {
  const parsed = parseHostPattern(text);
  return parsed.ok && !parsed.pattern.wildcard && parsed.pattern.host === text;
}
