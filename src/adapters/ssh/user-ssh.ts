import { readFile, stat } from "node:fs/promises";
import { createConnection } from "node:net";
import { homedir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import type { UserFile, UserSsh } from "../../app/ports-ssh.js";
import { systemErrorCode } from "../../base/errors.js";

const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];
/** No key comes near it; what is larger is something else. */
const LARGEST_KEY = 64 * 1024;

/** `env`: this process's, which names the user's ssh agent. */
export function createUserSsh(env: Readonly<Partial<Record<string, string>>>): UserSsh {
  return {
    defaultKeys: DEFAULT_KEYS.map((name) => path.join(homedir(), ".ssh", name)),
    readKey: (file) => readUserFile(path.resolve(file.replace(/^~(?=\/)/, homedir()))),
    connectAgent: () => connect(env["SSH_AUTH_SOCK"] ?? ""),
  };
}

async function readUserFile(file: string): Promise<UserFile> {
  try {
    const info = await stat(file);
    if (!info.isFile() || info.size > LARGEST_KEY) return { problem: "no file" };
    return { text: await readFile(file, "utf8") };
  } catch (error) {
    const isMissing = ["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "");
    return { problem: isMissing ? "missing" : "unreadable" };
  }
}

function connect(socket: string): Promise<Duplex | undefined> {
  if (socket === "") return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once("connect", () => {
      resolve(connection);
    });
    connection.once("error", () => {
      resolve(undefined);
    });
  });
}
