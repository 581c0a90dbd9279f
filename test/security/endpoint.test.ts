import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/** Agent 1 attacks; agent 2 has a task and works. */
let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  for (const title of ["theirs", "free"]) await box.devkit("task", "add", title);
  expect((await box.devkit("agent", "up", "2")).exitCode).toBe(0);
  expect((await inside(2, "devkit task start TSK-1")).exitCode).toBe(0);
});

afterAll(() => box.remove());

const inside = (index: number, script: string) =>
  box.devkit("exec", String(index), "--", "bash", "-c", script);

/** A program in Perl that talks to the socket; `$s` is connected, `said` reads what comes. */
const perl = (program: string) => `perl -MSocket -e '
  $SIG{PIPE} = "IGNORE"; $| = 1;
  sub at { socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un("/run/devkit/sock")) or return; $s }
  sub said { my ($s) = @_; my $all = ""; 1 while sysread($s, $all, 65536, length $all); $all }
  ${program}'`;

/** What must hold after each attack. */
async function expectUnharmed(): Promise<void> {
  const { tasks } = (await box.json("task", "list")).data as { tasks: { id: string }[] };
  expect(tasks).toMatchObject([
    { id: "TSK-1", status: "in_progress", claimed_by: "agent-2" },
    { id: "TSK-2", status: "pending", claimed_by: null },
  ]);
  expect((await readdir(path.join(box.repo, ".devkit/refs/tasks"))).sort()).toEqual(["TSK-1", "TSK-2"]);
  const beganMs = performance.now();
  expect((await inside(2, "devkit task current")).stdout).toBe("TSK-1 - theirs");
  expect(performance.now() - beganMs).toBeLessThan(5000);
}

const events = async () => {
  const { lines } = (await box.json("logs")).data as { lines: { text: string }[] };
  const parsed = lines
    .filter(({ text }) => text.startsWith("{"))
    .map(({ text }) => JSON.parse(text) as { agent: string; event: string });
  return [...new Set(parsed.map(({ agent, event }) => `${agent} ${event}`))];
};

const REFUSED: readonly (readonly [string, string, number])[] = [
  ["claims for another", "devkit task claim TSK-2 --agent 2", 5],
  ["claims for the user", "devkit task claim TSK-2 --agent main", 5],
  ["finishes another's task", "devkit task done TSK-1", 5],
  ["releases it by force", "devkit task release TSK-1 --force", 5],
  ["with the other's claim", "devkit task done TSK-1 --claim 1", 5],
  ["says that it is another", "DEVKIT_AGENT=agent-2 devkit task done TSK-1", 5],
  ["a path for an id", "devkit task show ../../../etc/passwd", 2],
  ["another path", "devkit task note TSK-1/../../x hello", 2],
  ["settings of its own", "devkit --config /workspace/x.toml task list", 5],
  ["a huge field", `devkit task note TSK-2 "$(head -c 90000 /dev/zero | tr '\\0' x)"`, 2],
  ["what is the host's", "devkit task add mine", 2],
  ["what is the host's, too", "devkit agent kill 2", 2],
];

test("what an agent may not do: act for another, touch what another has, use paths, force, settings, what is the host's", async () => {
  const said = await Promise.all(
    REFUSED.map(async ([name, script]) => {
      const { exitCode, stdout } = await inside(1, script);
      return [name, exitCode, stdout];
    }),
  );
  expect(said).toEqual(REFUSED.map(([name, , exitCode]) => [name, exitCode, ""]));
  await expectUnharmed();
});

test("the socket of another, the pool and the broker's files are not there to be found", async () => {
  const look = await inside(
    1,
    `ls -A /run/devkit; touch /run/devkit/x; rm -f /run/devkit/sock; ln -sf / /run/devkit/sock; chmod 777 /run/devkit;
     find / -xdev \\( -path '*refs/tasks*' -o -path '*broker*sockets*' -o -name 'settings.json' -path '*broker*' \\) 2>/dev/null
     echo spoof > /usr/local/bin/devkit; echo end`,
  );
  expect(look.stdout).toBe("sock\nend");
  expect((await stat(path.join(await stateDir(), "broker/sockets/agent-1/sock"))).isSocket()).toBe(true);
  expect((await inside(2, "cat /usr/local/bin/devkit")).stdout).not.toContain("spoof");
  await expectUnharmed();
});

test("garbage, half a frame, a flood of connections, answers that nobody reads: only its own sender notices", async () => {
  const garbage = perl(`
    for (1 .. 200) { my $s = at() or next; syswrite $s, join "", map { chr int rand 256 } 1 .. 500; said($s) }
    for (1 .. 20) { my $s = at() or next; syswrite $s, "cmd 1\\n" . pack("N", 1000) . "arg 5"; close $s }
    for (1 .. 3) { my $s = at() or next; syswrite $s, "cmd 1\\n" . pack("N", 1 << 30); said($s) }
    my @deaf = map { my $s = at(); my $b = "arg 4\\ntaskarg 4\\nlist"; syswrite $s, "cmd 1\\n" . pack("N", length $b) . $b; $s } 1 .. 8;
    print "sent\\n"`);
  expect((await inside(1, garbage)).stdout).toBe("sent");
  const flood = perl(`
    my (@open, $busy); my $until = time + 4;
    while (time < $until) { my $s = at() or next; push @open, $s; shift @open if @open > 200; $busy++ }
    print $busy > 1000 ? "flooded" : "only $busy"`);
  const flooding = inside(1, flood);
  const times: number[] = [];
  let isOver = false;
  const end = flooding.then((said) => {
    isOver = true;
    return said;
  });
  while (!isOver) {
    const { stdout } = await inside(
      2,
      perl(`use POSIX (); my $b = "arg 4\\ntaskarg 7\\ncurrent"; my @t = POSIX::times(); my $s = at();
            syswrite $s, "cmd 1\\n" . pack("N", length $b) . $b; my $r = said($s); my @u = POSIX::times();
            print $r =~ /TSK-1/ ? ($u[0] - $t[0]) * 10 : "lost"`),
    );
    times.push(Number(stdout));
  }
  expect((await end).stdout).toBe("flooded");
  expect(Math.max(...times)).toBeLessThan(1000);
  await expectUnharmed();
  await box.until(async () => (await inside(1, "devkit task current")).exitCode === 0);
});

test("all of it is in the log, by kind, and about nobody else", async () => {
  const seen = await events();
  for (const event of ["refused", "garbage", "gone", "too-large", "connections"])
    expect(seen).toContain(`agent-1 ${event}`);
  expect(seen.filter((one) => !one.startsWith("agent-1 "))).toEqual([]);
});

async function stateDir(): Promise<string> {
  return (await readFile(path.join(box.repo, ".devkit/state-dir"), "utf8")).trim();
}
