/** The overlay.toml that `devkit overlay create` writes: it changes nothing until lines are uncommented. */
export function overlayTemplate(name: string, agent: number | undefined): string {
  const about =
    agent === undefined
      ? [
          `# Settings of the overlay "${name}": put it in force with  devkit -p ${name} …  or with [project] overlays in`,
          "# devkit.toml. What can stand here: docs/overlays.md, and docs/configuration.md for each setting.",
          `description = "${name}"`,
          "",
          "# Overlays to apply before this one.",
          '#extends = ["small"]',
        ]
      : [
          `# Settings of agent ${String(agent)} alone. Nobody has to name this overlay: it is in force by its name.`,
          "# [image], [container], [caches] use, [hooks] but host, and [ports] publish can be one agent's own.",
          `description = "Agent ${String(agent)} alone"`,
          `agent = ${String(agent)}`,
        ];
  return [
    ...about,
    "",
    "[container]",
    '#env = { TZ = "UTC" }',
    '#workdir = "/workspace"',
    '#memory = "4g"',
    '#mounts = ["../../../data:/data:ro"]',
    "",
  ].join("\n");
}
