# Runs probes: tries to get something out of where it runs. Whether anything arrived is for others to say; what it prints
# is only what it looked like from here:  <number> TAB <outcome>.
# Standard input has one probe a line, fields with tabs between them, those called HEX in hexadecimal:
#   <number> tcp HOST PORT HEX              <number> udp HOST PORT HEX
#   <number> onlink tcp|udp ADDRESS PORT HEX    past the routes: asks its neighbours who has the address
#   <number> icmp ADDRESS HEX               <number> ip ADDRESS PROTOCOL HEX
#   <number> frame NEIGHBOUR ADDRESS PORT HEX     a hand-made UDP packet, to the link address of a neighbour
#   <number> dns udp|tcp SERVER TYPE NAME   SERVER "-": the first one in resolv.conf
#   <number> lookup NAME                    as every program looks names up
#   <number> unix PATH HEX
#   <number> proxy HOST PORT TALK...        TALK is HEX, or HEX:HEX: the second part after "200" answered the first
# Only what perl-base has. Many at once, each with a process of its own and a deadline.
use strict;
use warnings;
use Fcntl;
use IO::Select;
use Socket qw(:DEFAULT :addrinfo SO_BROADCAST SO_DONTROUTE IPPROTO_TCP);

use constant { AT_ONCE => 40, PATIENCE => 4, SO_BINDTODEVICE => 25, AF_PACKET => 17, ETH_P_IP => 0x0800 };

sub hex_bytes { return pack('H*', $_[0] // '') }

sub shown { my ($text) = @_; $text =~ s/[^\x20-\x7e]/./g; return substr($text, 0, 900) }

sub resolved {
    my ($host, $port, $type) = @_;
    my ($error, @found) = getaddrinfo($host, $port, { socktype => $type });
    die "lookup: $error\n" if $error || !@found;
    return $found[0];
}

# What comes within the time, at most until the other side closes.
sub heard {
    my ($socket, $seconds, $until) = @_;
    my ($text, $end, $select) = ('', time + $seconds, IO::Select->new($socket));
    while (length $text < 8192 && $select->can_read($end > time ? $end - time : 0)) {
        sysread($socket, my $data, 4096) or last;
        $text .= $data;
        last if defined $until && $text =~ $until;
    }
    return $text;
}

sub connected {
    my ($host, $port) = @_;
    my $place = resolved($host, $port, SOCK_STREAM);
    socket(my $socket, $place->{family}, SOCK_STREAM, IPPROTO_TCP) or die "socket: $!\n";
    connect($socket, $place->{addr}) or die "connect: $!\n";
    return $socket;
}

sub tcp {
    my ($host, $port, $hex) = @_;
    my $socket = connected($host, $port);
    syswrite($socket, hex_bytes($hex));
    return 'connected: ' . heard($socket, 1, qr/arrived/);
}

sub udp {
    my ($host, $port, $hex) = @_;
    my $place = resolved($host, $port, SOCK_DGRAM);
    socket(my $socket, $place->{family}, SOCK_DGRAM, 0) or die "socket: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1);
    send($socket, hex_bytes($hex), 0, $place->{addr}) or die "send: $!\n";
    return 'sent';
}

# Needs no right: a socket bound to an interface and told not to route takes every address for a neighbour's.
sub onlink {
    my ($protocol, $address, $port, $hex) = @_;
    socket(my $socket, AF_INET, $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0) or die "socket: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_BINDTODEVICE, "eth0\0") or die "bind: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_DONTROUTE, 1) or die "no routes: $!\n";
    connect($socket, pack_sockaddr_in($port, inet_aton($address))) or die "connect: $!\n";
    send($socket, hex_bytes($hex), 0) or die "send: $!\n";
    return $protocol eq 'tcp' ? 'connected: ' . heard($socket, 1, qr/arrived/) : 'sent';
}

sub checksum {
    my ($data) = @_;
    my $sum = unpack('%32n*', length($data) % 2 ? "$data\0" : $data);
    $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
    return ~$sum & 0xffff;
}

# An echo request; by a socket that needs no right, where the kernel has those, else by a raw one.
sub icmp {
    my ($host, $hex) = @_;
    my $place = resolved($host, 0, SOCK_DGRAM);
    my $six = $place->{family} == AF_INET6;
    my $number = $six ? 58 : 1;
    my $type = $six ? 128 : 8;
    my $socket;
    socket($socket, $place->{family}, SOCK_DGRAM, $number)
        or socket($socket, $place->{family}, SOCK_RAW, $number)
        or die "socket: $!\n";
    my $body = pack('n n', $$ & 0xffff, 1) . hex_bytes($hex);
    my $sum = checksum(pack('C C n', $type, 0, 0) . $body);
    send($socket, pack('C C n', $type, 0, $sum) . $body, 0, $place->{addr}) or die "send: $!\n";
    return 'sent';
}

sub ip {
    my ($host, $number, $hex) = @_;
    my $place = resolved($host, 0, SOCK_STREAM);
    socket(my $socket, $place->{family}, SOCK_RAW, $number) or die "socket: $!\n";
    send($socket, hex_bytes($hex), 0, $place->{addr}) or die "send: $!\n";
    return 'sent';
}

sub own_address {
    my ($towards) = @_;
    socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
    connect($socket, pack_sockaddr_in(9, inet_aton($towards))) or die "no way: $!\n";
    my (undef, $address) = unpack_sockaddr_in(getsockname($socket));
    return $address;
}

sub file_text {
    my ($path) = @_;
    open(my $file, '<', $path) or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

sub link_address_of {
    my ($neighbour) = @_;
    udp($neighbour, 9, '00'); # so that the kernel asks for it
    for (1 .. 20) {
        my ($link) = file_text('/proc/net/arp') =~ /^\Q$neighbour\E\s+\S+\s+0x2\s+(\S+)/m;
        return pack('H12', $link =~ tr/://dr) if $link;
        select(undef, undef, undef, 0.1);
    }
    die "nobody has $neighbour\n";
}

sub frame {
    my ($neighbour, $address, $port, $hex) = @_;
    my $payload = hex_bytes($hex);
    socket(my $socket, AF_PACKET, SOCK_RAW, unpack('n', pack('S', ETH_P_IP))) or die "socket: $!\n";
    my $udp = pack('n n n n', 40_000, $port, 8 + length $payload, 0) . $payload;
    my $head = pack('C C n n n C C n a4 a4', 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0, own_address($neighbour), inet_aton($address));
    substr($head, 10, 2) = pack('n', checksum($head));
    my $own = pack('H12', file_text('/sys/class/net/eth0/address') =~ s/[:\n]//gr);
    my $index = 0 + file_text('/sys/class/net/eth0/ifindex');
    my $data = link_address_of($neighbour) . $own . pack('n', ETH_P_IP) . $head . $udp;
    send($socket, $data, 0, pack('S n i S C C a8', AF_PACKET, ETH_P_IP, $index, 0, 0, 6, '')) or die "send: $!\n";
    return 'sent';
}

sub dns {
    my ($transport, $server, $type, $name) = @_;
    ($server) = file_text('/etc/resolv.conf') =~ /^nameserver\s+(\S+)/m if $server eq '-';
    die "no server\n" unless defined $server;
    my $question = join('', map { pack('C/a', $_) } split(/\./, $name)) . "\0" . pack('n n', $type, 1);
    my $query = pack('n n n n n n', $$ & 0xffff, 0x0100, 1, 0, 0, 0) . $question;
    if ($transport eq 'tcp') {
        my $socket = connected($server, 53);
        syswrite($socket, pack('n/a', $query));
        return 'answered: ' . heard($socket, 3, qr/.{12}/s);
    }
    my $place = resolved($server, 53, SOCK_DGRAM);
    socket(my $socket, $place->{family}, SOCK_DGRAM, 0) or die "socket: $!\n";
    connect($socket, $place->{addr}) or die "connect: $!\n";
    send($socket, $query, 0) or die "send: $!\n";
    return 'answered: ' . heard($socket, 3, qr/.{12}/s);
}

sub lookup {
    my ($error, @found) = getaddrinfo($_[0], 443);
    return $error ? "not found: $error" : 'found';
}

sub unix {
    my ($path, $hex) = @_;
    socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
    connect($socket, pack_sockaddr_un($path)) or die "connect: $!\n";
    syswrite($socket, hex_bytes($hex));
    return 'connected: ' . heard($socket, 2, qr/\n/);
}

sub proxy {
    my ($host, $port, @talks) = @_;
    my @replies;
    for my $talk (@talks) {
        my ($request, $then) = map { hex_bytes($_) } split(/:/, $talk);
        my $socket = connected($host, $port);
        syswrite($socket, $request);
        my $reply = heard($socket, 3, qr/\r?\n\r?\n/);
        if ($then && $reply =~ m{^HTTP/\S+ 200}) {
            syswrite($socket, $then);
            $reply .= heard($socket, 1, qr/arrived/);
        }
        $reply .= heard($socket, 1, qr/statistics/i);
        push @replies, $reply;
    }
    return join(' | ', @replies);
}

my %kinds = (
    tcp => \&tcp, udp => \&udp, onlink => \&onlink, icmp => \&icmp, ip => \&ip, frame => \&frame, dns => \&dns,
    lookup => \&lookup, unix => \&unix, proxy => \&proxy,
);

# A line is written at once, so that those of several processes do not mix.
sub perform {
    my ($number, $kind, @fields) = @_;
    local $SIG{ALRM} = sub { syswrite(STDOUT, "$number\ttimeout\n"); exit };
    local $SIG{PIPE} = 'IGNORE';
    alarm(PATIENCE * ($kind eq 'proxy' && @fields > 2 ? @fields - 2 : 1));
    my $outcome = eval { $kinds{$kind}->(@fields) } // "failed: $@";
    syswrite(STDOUT, "$number\t" . shown($outcome) . "\n");
}

my $running = 0;
for my $line (<STDIN>) {
    chomp $line;
    my @fields = split(/\t/, $line, -1);
    if ($running >= AT_ONCE) { wait; $running-- }
    my $child = fork // die "fork: $!\n";
    if ($child == 0) { perform(@fields); exit }
    $running++;
}
1 while wait != -1;
