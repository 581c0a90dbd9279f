#!/usr/bin/perl
# Tries to get out of the network that it runs in, in every way it is told on stdin, all at once, and says what came of
# each. It judges nothing: that is the host's business (src/domain/egress/judge-probes.ts).
#
#   in:   here <address>                           first: ends in failure unless this network has the address
#         <id> tcp|ntp|ping <address>[ <port>]     `gateway` as an address: every gateway that this network has
#         <id> dns <server> udp|tcp <type> <name>  `configured` as a server: what resolv.conf says
#         <id> proxy <address> <port> <hex of the request>
#   out:  <id> <outcome> <where>[ <what was said>], with tabs; `done <lines>` last
#
# Outcomes: open, answered, refused (somebody is there), closed, silent (nothing came), failed (it could not be sent).
use strict;
use warnings;
use Errno qw(EINPROGRESS ECONNREFUSED EMFILE ENFILE);
use Fcntl;
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
use Egress::Clock;

my $DEADLINE_MS = 4000;
my %TYPES = (A => 1, TXT => 16, AAAA => 28);
my @RCODES = qw(NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED);
my $QUESTION_ID = 0x6476;
# A client's NTP packet (version 4), and an ICMP echo request, whose checksum and number the kernel fills in.
my $NTP = pack 'C x47', 0x23;
my $PING = pack 'C C n n n a*', 8, 0, 0, 0, 1, 'devkit';

$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($lines, @waiting) = (0);
my $until = Egress::Clock::mono_ms() + $DEADLINE_MS;

while (defined(my $line = <STDIN>)) {
    chomp $line;
    my ($id, $kind, @words) = split /\t/, $line;
    if ($id eq 'here') { require_address($kind) }
    elsif ($kind eq 'tcp') { connect_to($id, $_, $words[1]) for addresses($words[0]) }
    elsif ($kind eq 'ntp') { send_to($id, $_, 123, $NTP, 17) for addresses($words[0]) }
    elsif ($kind eq 'ping') { send_to($id, $_, 0, $PING, 1) for addresses($words[0]) }
    elsif ($kind eq 'dns') { ask($id, @words) }
    elsif ($kind eq 'proxy') { connect_to($id, @words[0, 1], pack 'H*', $words[2]) }
    else { die "no such probe: $kind\n" }
}
step() while @waiting && Egress::Clock::mono_ms() < $until;
say_it($_, 'silent') for @waiting;
print "done\t$lines\n";

# What is found out in another network than the agent's says nothing of the agent.
sub require_address {
    my ($address) = @_;
    socket my $socket, PF_INET, SOCK_DGRAM, 17 or die "no socket: $!\n";
    bind $socket, pack_sockaddr_in(0, inet_aton($address)) or die "this network does not have the address $address\n";
}

# Each address with where it is to be tried: a link-local one on every interface.
sub addresses {
    my ($address) = @_;
    return gateways() if $address eq 'gateway';
    return $address unless $address =~ /\Afe80:/i;
    return map { "$address%$_" } interfaces();
}

sub interfaces {
    opendir my $dir, '/sys/class/net' or return ();
    return grep { !/\A\.|\Alo\z/ } readdir $dir;
}

sub gateways {
    open my $table, '<', '/proc/net/route' or return ();
    my %found;
    for (<$table>) {
        my $hex = (split /\t/)[2] // '';
        # The kernel prints the number as the machine has it.
        $found{inet_ntoa(pack 'L', hex $hex)} = 1 if $hex =~ /\A[0-9A-F]{8}\z/ && $hex ne '00000000';
    }
    return sort keys %found;
}

sub connect_to {
    my ($id, $address, $port, $request) = @_;
    my $try = { id => $id, where => where($address, $port), out => $request, in => '', tcp => 1 };
    begin($try, $address, $port, SOCK_STREAM, 6);
}

sub send_to {
    my ($id, $address, $port, $packet, $protocol) = @_;
    my $try = { id => $id, where => where($address, $port), out => $packet, in => '' };
    begin($try, $address, $port, SOCK_DGRAM, $protocol);
}

sub ask {
    my ($id, $server, $transport, $type, $name) = @_;
    my $question = join '', map { pack 'C/a*', $_ } split /\./, $name;
    my $query = pack 'n6 a* C n2', $QUESTION_ID, 0x0100, 1, 0, 0, 0, $question, 0, $TYPES{$type}, 1;
    for my $address ($server eq 'configured' ? name_servers() : $server) {
        my $where = where($address, 53) . "/$transport";
        my $try = { id => $id, where => $where, in => '', dns => 1, tcp => $transport eq 'tcp' };
        $try->{out} = $try->{tcp} ? pack('n/a*', $query) : $query;
        begin($try, $address, 53, $try->{tcp} ? (SOCK_STREAM, 6) : (SOCK_DGRAM, 17));
    }
}

sub name_servers {
    open my $file, '<', '/etc/resolv.conf' or return ();
    return map { /\A\s*nameserver\s+(\S+)/ ? $1 : () } <$file>;
}

sub where {
    my ($address, $port) = @_;
    return $port == 0 ? $address : $address =~ /:/ ? "[$address]:$port" : "$address:$port";
}

sub begin {
    my ($try, $address, $port, $type, $protocol) = @_;
    my ($bare, $interface) = split /%/, $address;
    my $is6 = $bare =~ /:/;
    my $raw = inet_pton($is6 ? AF_INET6 : AF_INET, $bare) // die "no address: $address\n";
    $protocol = 58 if $is6 && $protocol == 1;
    my $place = $is6 ? pack_sockaddr_in6($port, $raw, index_of($interface)) : pack_sockaddr_in($port, $raw);
    if (!socket $try->{socket}, $is6 ? PF_INET6 : PF_INET, $type, $protocol) {
        die "no socket: $!\n" if $! == EMFILE || $! == ENFILE;
        return say_it($try, 'failed', "$!");
    }
    fcntl $try->{socket}, F_SETFL, O_NONBLOCK or die "fcntl: $!\n";
    if (!connect($try->{socket}, $place) && $! != EINPROGRESS) { return give_up($try) }
    push @waiting, $try;
}

sub index_of {
    my ($interface) = @_;
    return 0 unless defined $interface;
    open my $file, '<', "/sys/class/net/$interface/ifindex" or return 0;
    return <$file> + 0;
}

# Waits until something can be sent or has come, and goes on with it.
sub step {
    my ($readable, $writable) = ('', '');
    for my $try (@waiting) {
        vec($readable, fileno $try->{socket}, 1) = 1;
        vec($writable, fileno $try->{socket}, 1) = 1 unless $try->{begun};
    }
    my $left = $until - Egress::Clock::mono_ms();
    return if select($readable, $writable, undef, $left > 0 ? $left / 1000 : 0) <= 0;
    my @before = @waiting;
    @waiting = ();
    for my $try (@before) {
        my $number = fileno $try->{socket};
        my $goes_on = 1;
        $goes_on = go_out($try) if vec $writable, $number, 1;
        $goes_on = take_in($try) if $goes_on && vec $readable, $number, 1;
        push @waiting, $try if $goes_on;
    }
}

# Connected, or not: false when nothing more is to come.
sub go_out {
    my ($try) = @_;
    $try->{begun} = 1;
    if (my $error = unpack 'i', getsockopt $try->{socket}, SOL_SOCKET, SO_ERROR) {
        $! = $error;
        return give_up($try);
    }
    return say_it($try, 'open') unless defined $try->{out};
    return give_up($try) unless defined syswrite $try->{socket}, $try->{out};
    return 1;
}

sub take_in {
    my ($try) = @_;
    my $got = sysread $try->{socket}, $try->{in}, 4096, length $try->{in};
    return give_up($try) unless defined $got;
    if ($try->{dns}) {
        my $answer = $try->{tcp} ? (length $try->{in} > 2 ? unpack('n/a*', $try->{in}) : '') : $try->{in};
        return say_it($try, 'answered', describe($answer)) if length $answer >= 12;
    }
    elsif (!$try->{tcp}) { return say_it($try, 'answered') }
    elsif ($try->{in} =~ /\A([^\r\n]*)\r?\n/ || length $try->{in} > 4096) {
        return say_it($try, 'answered', $1 // substr $try->{in}, 0, 100);
    }
    return $got ? 1 : say_it($try, 'closed');
}

# `NXDOMAIN 0 answers 1 authority`: an authority is somebody else's; a name server that knows nothing names none.
sub describe {
    my ($answer) = @_;
    my (undef, $flags, undef, $answers, $authorities) = unpack 'n5', $answer;
    return join ' ', $RCODES[$flags & 15] // 'RCODE' . ($flags & 15), $answers, 'answers', $authorities, 'authority';
}

sub give_up {
    my ($try) = @_;
    return say_it($try, $! == ECONNREFUSED ? 'refused' : 'failed', "$!");
}

# Always false, so that it ends what it is said of.
sub say_it {
    my ($try, $outcome, $detail) = @_;
    my $text = join "\t", $try->{id}, $outcome, $try->{where}, defined $detail ? substr($detail, 0, 200) : ();
    $text =~ s/[^\t -~]/?/g;
    print "$text\n";
    $lines++;
    return 0;
}
