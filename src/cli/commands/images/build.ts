import { defineCommand, flag } from "../../command.js";

export const imageBuild = defineCommand({
  path: "image build",
  summary: "Build the images of agents and of egress",
  description:
    "Builds the images that `agent up` would use, and says which they are: the agents' own, and that of the proxy and the name servers. An image whose inputs did not change is not built again without --force.",
  arguments: [],
  options: { force: flag("--force", "build it even though it is there") },
  examples: ["devkit image build", "devkit image build --force -v"],
  json: "{ reference, id, egress: { reference, id } }",
  async run({ options, deps, reporter, shutdown }) {
    const [{ ensureImage }, { ensureEgressImage, resolveEgressImage }] = await Promise.all([
      import("../../../app/images/agent-image.js"),
      import("../../../app/images/egress-image.js"),
    ]);
    const [engine, { settings }] = await Promise.all([deps.engine(), deps.config()]);
    await deps.extras([]);
    const needs = { engine, host: deps.host, progress: reporter, signal: shutdown.signal };
    const [{ reference, id }, egress] = await Promise.all([
      ensureImage(needs, settings.image, options),
      resolveEgressImage(needs, settings.egress).then(async (image) => ({
        reference: image.reference,
        id: await ensureEgressImage(needs, settings.egress, image, options),
      })),
    ]);
    const human = () => `${reference} ${id}\n${egress.reference} ${egress.id}`;
    return { data: { reference, id, egress }, human };
  },
});
