import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { sshRecords } from "../../../../src/adapters/fs/ssh-records.js";
import { createUserSsh } from "../../../../src/adapters/ssh/user-ssh.js";
import type { AgentPaths } from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

test("a key is read from where the user says, through links too", async () => {
  const dir = await tempDir();
  await writeFile(path.join(dir, "key"), "secret");
  await symlink("key", path.join(dir, "link"));
  await mkdir(path.join(dir, "directory"));
  await writeFile(path.join(dir, "large"), Buffer.alloc(100_000));
  const { readKey } = createUserSsh({});
  const found = await Promise.all(
    ["key", "link", "missing", "key/below", "directory", "large"].map((name) =>
      readKey(path.join(dir, name)),
    ),
  );
  expect(found).toEqual([
    ...[{ text: "secret" }, { text: "secret" }, { problem: "missing" }, { problem: "missing" }],
    ...[{ problem: "no file" }, { problem: "no file" }],
  ]);
});

test("the user's ssh agent is the one that the environment names, if it answers", async () => {
  const socket = path.join(await tempDir(), "agent");
  expect(await createUserSsh({}).connectAgent()).toBeUndefined();
  const user = createUserSsh({ SSH_AUTH_SOCK: socket });
  expect(await user.connectAgent()).toBeUndefined();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const connection = await user.connectAgent();
  expect(connection).toBeDefined();
  connection?.destroy();
  server.close();
});

test("what the user decided is kept beside the home; without a record nothing is forwarded", async () => {
  const paths = { state: await tempDir() } as AgentPaths;
  expect(sshRecords.load(paths)).toEqual({ forward: false });
  await sshRecords.save(paths, { forward: true });
  expect(sshRecords.load(paths)).toEqual({ forward: true });
  await sshRecords.save(paths, { forward: false });
  expect(sshRecords.load(paths)).toEqual({ forward: false });
});
