import { defineCommand, flag } from "../../command.js";

export const imageBuild = defineCommand({
  path: "image build",
  summary: "Build the images of agents, of egress and of the endpoint",
  description:
    "Builds the images that `agent up` would use, and says which they are: the agents' own, that of the proxy and the name servers, and that of the endpoint. An image whose inputs did not change is not built again without --force.",
  arguments: [],
  options: { force: flag("--force", "build it even though it is there") },
  examples: ["devkit image build", "devkit image build --force -v"],
  json: "{ reference, id, egress: { reference, id }, broker: { reference, id } }",
  async run({ options, deps, reporter, shutdown }) {
    const { buildImages } = await import("../../../app/images/build-images.js");
    const [engine, { settings }] = await Promise.all([deps.engine(), deps.config()]);
    await deps.extras([]);
    const needs = { engine, host: deps.host, progress: reporter, signal: shutdown.signal };
    const { reference, id, egress, broker } = await buildImages(needs, settings, options);
    const human = () =>
      [{ reference, id }, egress, broker].map((one) => `${one.reference} ${one.id}`).join("\n");
    return { data: { reference, id, egress, broker }, human };
  },
});
