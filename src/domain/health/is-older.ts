/** Whether a version, of numbers with dots between them, is older than another; missing parts are 0. */
export function isOlder(version: string, oldest: string): boolean {
  const [own, least] = [version, oldest].map((text) => text.replace(/^v/, "").split(".").map(Number));
  for (const [position, wanted] of (least ?? []).entries()) {
    const part = own?.[position] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
