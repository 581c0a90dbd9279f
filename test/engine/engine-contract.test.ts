import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { createDockerEngine } from "../../src/adapters/docker/engine.js";
import { agentAt } from "../../src/domain/agents/agent.js";
import { containerSpec } from "../../src/domain/agents/container-spec.js";
import { LABELS } from "../../src/domain/identity/names.js";
import { projectOf } from "../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../src/domain/settings/settings.js";
import { engineContract, type EngineUnderTest } from "../contracts/engine-contract.js";
import { createSandbox } from "../support/sandbox.js";

const STRANGER = "devkit-test-stranger";

engineContract("a real one, through dockerode", async (): Promise<EngineUnderTest> => {
  const sandbox = await createSandbox();
  const run = randomBytes(4).toString("hex");
  const built = await sandbox.json("image", "build");
  const image = (built.data as { reference: string; id: string } | undefined) ?? { reference: "", id: "" };
  const project = {
    ...projectOf({ root: sandbox.repo, commonDir: `${sandbox.repo}/.git`, stateHome: sandbox.dir }),
    id: `contract-${run}`,
  };
  const remove = async (label: string) => {
    const { stdout } = await execa("docker", ["ps", "-aq", "--filter", `label=${label}`]);
    const ids = stdout.split("\n").filter((line) => line !== "");
    if (ids.length > 0) await execa("docker", ["rm", "-f", "-v", ...ids]);
  };
  return {
    engine: createDockerEngine(),
    image: image.reference,
    spec: (index, change = {}) => ({
      ...containerSpec({
        project,
        agent: agentAt(index),
        slot: undefined,
        settings: DEFAULT_SETTINGS,
        imageId: image.id,
        user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
        objectDirs: [],
        version: "0.1.0",
      }),
      workdir: "/",
      mounts: [],
      command: ["/bin/sh", "-c", "exec sleep 600"],
      ...change,
    }),
    async occupy(name) {
      await execa("docker", ["create", "--name", name, "--label", `${STRANGER}=${run}`, image.id, "true"]);
    },
    async clean() {
      await remove(`${LABELS.project}=${project.id}`);
      await remove(`${STRANGER}=${run}`);
      const label = `label=${LABELS.project}=${project.id}`;
      const { stdout } = await execa("docker", ["network", "ls", "-q", "--filter", label]);
      const networks = stdout.split("\n").filter((line) => line !== "");
      if (networks.length > 0) await execa("docker", ["network", "rm", ...networks]);
      await sandbox.remove();
    },
  };
});
