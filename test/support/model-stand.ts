import { execa } from "execa";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { waitFor } from "../../src/base/wait.js";
import type { Sandbox } from "./sandbox.js";

const SERVER = path.resolve(import.meta.dirname, "model-server.mjs");

/** Names that the server has on the network outside: `[egress] private` has to have them too. */
export const MODEL_NAMES = [
  "api.openai.com",
  "auth.openai.com",
  "chatgpt.com",
  "api.anthropic.com",
  "platform.claude.com",
] as const;

/** A request that the server had. */
export interface ModelRequest {
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly key: string;
}

/** Model servers of OpenAI and Anthropic beside the egress, with certificates of an authority of their own. */
export interface ModelStand {
  /** What it was asked, oldest first. */
  requests(): Promise<ModelRequest[]>;
}

/**
 * Makes the authority, once for a sandbox: the directory that agents have to mount, with `ca.pem` in it.
 * @param image has openssl
 */
export async function createAuthority(box: Sandbox, image: string): Promise<string> {
  const [stand, ca] = [path.join(box.dir, "stand"), path.join(box.repo, "ca")];
  await mkdir(stand);
  await mkdir(ca);
  const names = MODEL_NAMES.map((name) => `DNS:${name}`).join(",");
  await writeFile(path.join(stand, "names"), `subjectAltName=${names}\n`);
  const script = [
    "cd /stand",
    'openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out /ca/ca.pem -subj "/CN=a test\'s authority"',
    'openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj "/CN=a test\'s models"',
    "openssl x509 -req -in request.pem -CA /ca/ca.pem -CAkey ca.key -CAcreateserial -days 2 -out cert.pem -extfile names",
  ].join(" && ");
  const mounts = ["-v", `${stand}:/stand`, "-v", `${ca}:/ca`];
  await execa("docker", ["run", "--rm", "--network", "none", ...mounts, image, "sh", "-c", script], {
    env: box.env,
  });
  return ca;
}

/** The sandbox's egress has to run; its `remove` removes the server too. */
export async function createModelStand(box: Sandbox, image: string): Promise<ModelStand> {
  const docker = async (...args: string[]) => (await execa("docker", args, { env: box.env })).stdout;
  const status = await box.json("status");
  const [egress] = (status.data as { containers: { name: string }[] }).containers;
  const labels = [`dev.devkit.root=${box.repo}`, "dev.devkit.project=beside"].flatMap((one) => [
    "--label",
    one,
  ]);
  const aliases = MODEL_NAMES.flatMap((name) => ["--network-alias", name]);
  const network = ["--network", `${egress?.name ?? ""}-out`, ...aliases];
  const mount = ["-v", `${path.join(box.dir, "stand")}:/stand:ro`];
  const program = ["node", "--input-type=module", "-e", await readFile(SERVER, "utf8")];
  const id = await docker("run", "-d", "--init", ...labels, ...network, ...mount, image, ...program);
  const lines = async () => (await docker("logs", id)).split("\n").filter(Boolean);
  const isUp = async () => ((await lines()).length > 0 ? true : undefined);
  await waitFor(isUp, { deadlineMs: 20_000, intervalMs: 20, what: "the model server" });
  return {
    requests: async () => (await lines()).slice(1).map((line) => JSON.parse(line) as ModelRequest),
  };
}
