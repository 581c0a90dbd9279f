/** Why a variable may not be set in `container.env`; undefined when it may. */
export function envNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return "is not a variable name: letters, digits and _, not starting with a digit";
  }
  if (name === "HOME" || name === "DEV_HOME") {
    return "is set by devkit: every agent has a HOME of its own, and its worktree and tools are found through it";
  }
  if (name.startsWith("DEVKIT_"))
    return "is set by devkit: names that start with DEVKIT_ tell an agent who it is";
  return undefined;
}
