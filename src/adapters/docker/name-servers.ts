import { readFileSync } from "node:fs";

/** The second one where the first only leads to a server on this machine's loopback, as with systemd-resolved. */
const FILES = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/** The name servers of this machine that a container can reach, from the first of the files that has any. */
export function readNameServers(files: readonly string[] = FILES): string[] {
  return files.map(readServers).find((servers) => servers.length > 0) ?? [];
}

function readServers(file: string): string[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const servers = lines.flatMap((line) => /^nameserver\s+([0-9a-f.:]+)\s*$/i.exec(line)?.[1] ?? []);
    return servers.filter((server) => !/^(127\.|::1$|0\.0\.0\.0$)/.test(server));
  } catch {
    return [];
  }
}
