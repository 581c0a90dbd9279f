import { randomBytes, randomInt } from "node:crypto";
import { execa } from "execa";
import { waitFor } from "../../src/base/wait.js";

/**
 * Has these addresses, answers ping, refuses TCP, and sends back what comes by UDP. perl-base is all there is; 0x8916 is
 * SIOCSIFADDR.
 */
const PROGRAM = `
use Socket;
socket my $socket, PF_INET, SOCK_DGRAM, 0 or die;
my ($number, @open) = (0);
for my $address (@ARGV) {
    my $device = ($number ? 'lo' : 'eth0') . ':' . ++$number;
    my $request = pack 'a16 S n a4 x8', $device, AF_INET, 0, inet_aton($address);
    ioctl $socket, 0x8916, $request or die "$address: $!";
    for my $port (53, 123) {
        socket my $udp, PF_INET, SOCK_DGRAM, 17 or die;
        bind $udp, pack_sockaddr_in($port, inet_aton($address)) or die "$address: $!";
        push @open, $udp;
    }
}
$| = 1;
print "ready\\n";
while (1) {
    my $wanted = '';
    vec($wanted, fileno $_, 1) = 1 for @open;
    select $wanted, undef, undef, undef;
    for my $udp (grep { vec $wanted, fileno $_, 1 } @open) {
        my $from = recv $udp, my $packet, 4096, 0;
        send $udp, $packet, 0, $from if defined $from;
    }
}
`;

const LABEL = "devkit-test-internet";
const ADDRESSES = ["1.1.1.1", "8.8.8.8", "169.254.169.254"];

/** A network whose way out ends at a container that has the addresses of the Internet: nothing gets any further. */
export interface FakeInternet {
  /** The network's name. */
  readonly network: string;
  remove(): Promise<void>;
}

const docker = async (...args: string[]) => (await execa("docker", args)).stdout.trim();

/** `image`: one that has Perl. */
export async function createFakeInternet(image: string): Promise<FakeInternet> {
  const run = randomBytes(4).toString("hex");
  const name = `${LABEL}-${run}`;
  const base = `11.${String(randomInt(1, 255))}.${String(randomInt(1, 255))}`;
  // The host has no address on it; the default route of its members is the last address, which the container takes.
  const options = ["-o", "com.docker.network.bridge.inhibit_ipv4=true"];
  const gateway = ["--aux-address", `DefaultGatewayIPv4=${base}.6`];
  await docker("network", "create", "--subnet", `${base}.0/29`, ...options, ...gateway, name);
  const remove = async () => {
    await execa("docker", ["rm", "-f", "-v", name], { reject: false });
    await execa("docker", ["network", "rm", name], { reject: false });
  };
  try {
    const container = ["--name", name, "--network", name, "--ip", `${base}.3`];
    const rights = ["--user", "0", "--cap-add", "NET_ADMIN", "--entrypoint", "perl"];
    await docker("run", "-d", ...container, ...rights, image, "-e", PROGRAM, `${base}.6`, ...ADDRESSES);
    const isReady = async () => ((await docker("logs", name)).includes("ready") ? true : undefined);
    await waitFor(isReady, { deadlineMs: 20_000, what: "the Internet" });
  } catch (error) {
    await remove();
    throw error;
  }
  return { network: name, remove };
}
