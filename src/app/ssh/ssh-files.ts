import { DevkitError } from "../../base/errors.js";
import type { AgentPaths } from "../../domain/identity/project.js";
import type { SshSettings } from "../../domain/settings/settings.js";
import { publicLine } from "../../domain/ssh/private-key.js";
import { hostBlock, keyFileOf, knownHostsText, SSH_FILES, withInclude } from "../../domain/ssh/ssh-config.js";
import { listSshHosts, type SshHost } from "../../domain/ssh/ssh-host.js";
import type { HomeFile, HomeFiles } from "../ports-identity.js";
import type { PlacedKey } from "./agent-key.js";

const LIMIT = 1024 * 1024;
const [PRIVATE, READABLE] = [0o600, 0o644];

export interface SshWish {
  readonly host: SshHost;
  readonly settings: SshSettings;
  readonly key: PlacedKey | undefined;
  readonly forward: boolean;
}

/**
 * Writes what differs from the wish; answers the names of those files. The key comes first and what makes ssh look for
 * it last, so that a run that is cut off has left nothing that does not work.
 */
export function writeSshFiles(homes: HomeFiles, paths: AgentPaths, wish: SshWish): string[] {
  const { settings } = wish;
  const wanted: HomeFile[] = [
    ...keyFiles(wish.key),
    { path: SSH_FILES.knownHosts, mode: PRIVATE, content: knownHostsText(listSshHosts(settings)) },
    ...blocks(homes, paths, wish),
  ];
  const config = configFile(homes, paths);
  const changed = wanted.filter((file) => !isThere(homes, paths, file));
  const all = config === undefined ? changed : [...changed, config];
  homes.write(paths, all);
  return all.map(({ path }) => path);
}

function isThere(homes: HomeFiles, paths: AgentPaths, { path, mode, content }: HomeFile): boolean {
  return homes.read(paths, path, LIMIT) === content && homes.mode(paths, path) === mode;
}

function keyFiles(placed: PlacedKey | undefined): HomeFile[] {
  if (placed === undefined) return [];
  const { file, key } = placed;
  return [
    { path: `.ssh/${file}`, mode: PRIVATE, content: key.text },
    { path: `.ssh/${file}.pub`, mode: READABLE, content: publicLine(key) },
  ];
}

/** The host's own block, and those of other hosts as they should be now, each with the key it has. */
function blocks(homes: HomeFiles, paths: AgentPaths, { host, settings, key, forward }: SshWish): HomeFile[] {
  return listSshHosts(settings).flatMap((one): HomeFile[] => {
    const path = SSH_FILES.hostConfig(one.name);
    const there = homes.read(paths, path, LIMIT);
    const isWanted = one.name === host.name;
    if (!isWanted && there === undefined) return [];
    const keyFile = isWanted ? key?.file : keyFileOf(there ?? "");
    return [{ path, mode: PRIVATE, content: hostBlock(one, { keyFile, forward }) }];
  });
}

/** Undefined: it is as it should be. @throws DevkitError E_HOME for what cannot be kept as it is */
function configFile(homes: HomeFiles, paths: AgentPaths): HomeFile | undefined {
  const mode = homes.mode(paths, SSH_FILES.config);
  const text = homes.read(paths, SSH_FILES.config, LIMIT);
  if ((mode !== undefined && text === undefined) || text?.includes("\ufffd") === true) {
    throw new DevkitError(
      "E_HOME",
      "~/.ssh/config of the agent is no plain text file, so nothing is added to it",
      {
        hint: `look at it, and move it away: ls -l ${paths.home}/${SSH_FILES.config}`,
        details: { home: paths.home, file: SSH_FILES.config },
      },
    );
  }
  const content = withInclude(text ?? "");
  // ssh refuses a config that others can write.
  const isFine = text === content && ((mode ?? 0) & 0o022) === 0;
  return isFine ? undefined : { path: SSH_FILES.config, mode: PRIVATE, content };
}
