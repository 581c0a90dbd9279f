import { engineContract, type EngineUnderTest } from "../../contracts/engine-contract.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { IMAGE_ID, PROJECT, specOf } from "../support/things.js";
import { createFakeEngine } from "./engine.js";

engineContract("in memory", (): Promise<EngineUnderTest> => {
  const engine = createFakeEngine({ runMain: true });
  engine.images.set("image:tag", { id: IMAGE_ID, env: [], architecture: "amd64", sizeBytes: 1 });
  return Promise.resolve({
    engine,
    image: "image:tag",
    spec: (agent, change = {}) => ({
      ...specOf(agentAt(agent)),
      network: undefined,
      command: ["/bin/sh", "-c", "exec sleep 600"],
      ...change,
    }),
    async occupy(name) {
      const spec = specOf(agentAt(1));
      await engine.createContainer({ ...spec, network: undefined, name, labels: { owner: PROJECT.id } });
    },
    clean() {
      for (const container of engine.containers.values()) container.main?.kill("SIGKILL");
      return Promise.resolve();
    },
  });
});
