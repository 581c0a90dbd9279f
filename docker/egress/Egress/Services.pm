package Egress::Services;
# What makes a child (Egress::Child) the proxy or the sink of an agent, or the resolver that all proxies ask.
use strict;
use warnings;
use Socket;
use Egress::Child;
use Egress::Configs;
use Egress::LogLines;

# One socket asks all dnsmasqs whether they answer; the number of the question says whose answer it is.
my ($PROBES, %ASKED);
my $LAST_ID = 0;

sub probe_socket {
    return $PROBES if defined $PROBES;
    socket $PROBES, PF_INET, SOCK_DGRAM, getprotobyname('udp') // 17 or die "no socket: $!\n";
    return $PROBES;
}

# `complain` and `audit` are told what is worth it; the files belong to the caller.
sub proxy {
    my ($agent, $conf, $complain, $audit) = @_;
    my $child;
    return $child = Egress::Child::new(
        agent => $agent->{name},
        name => "the proxy of $agent->{name}",
        command => ['tinyproxy', '-d', '-c', $conf],
        missing => sub { missing_address($agent->{address}) },
        probe => sub { Egress::Child::alive($child) if accepts($agent->{address}, 8888) },
        reload => sub { kill 'USR1', $child->{pid} },
        read => Egress::LogLines::proxy_reader(),
        complain => $complain,
        audit => $audit,
    );
}

sub sink {
    my ($agent, $servers, $complain, $audit) = @_;
    my $child;
    return $child = Egress::Child::new(
        agent => $agent->{name},
        name => "the DNS sink of $agent->{name}",
        command => [Egress::Configs::sink($agent->{address}, $servers)],
        missing => sub { missing_address($agent->{address}) },
        probe => sub { ask($child, $agent->{address}) },
        # It reads its files before it answers a question that comes after the signal.
        reload => sub { kill 'HUP', $child->{pid}; ask($child, $agent->{address}) },
        read => Egress::LogLines::sink_reader(),
        complain => $complain,
        audit => $audit,
    );
}

# It reads no files: other addresses to refuse are another command, which the caller sets.
sub resolver {
    my ($complain) = @_;
    my $child;
    return $child = Egress::Child::new(
        agent => '-',
        name => 'the resolver',
        command => [],
        missing => sub { undef },
        probe => sub { ask($child, '127.0.0.1') },
        reload => sub { },
        read => Egress::LogLines::resolver_reader(),
        complain => $complain,
        audit => sub { },
    );
}

# The engine attaches networks whenever it gets to it.
sub missing_address {
    my ($address) = @_;
    socket my $socket, PF_INET, SOCK_DGRAM, 17 or return "a socket ($!)";
    return bind($socket, pack_sockaddr_in(0, inet_aton($address))) ? undef : "its address $address";
}

sub accepts {
    my ($address, $port) = @_;
    socket my $socket, PF_INET, SOCK_STREAM, 6 or return 0;
    # To a local address: answered at once, one way or the other.
    return connect $socket, pack_sockaddr_in($port, inet_aton($address));
}

# Asks the same question until it is answered: a slow answer counts too.
sub ask {
    my ($child, $address) = @_;
    my $id = $child->{probe_id} //= $LAST_ID = $LAST_ID % 65535 + 1;
    my $name = pack '(C/a*)*', "probe-$id", 'devkit', 'invalid', '';
    my $question = pack('nnnnnn', $id, 0x0100, 1, 0, 0, 0) . $name . pack('nn', 1, 1);
    $ASKED{$id} = [$child, inet_aton($address)];
    send probe_socket(), $question, 0, pack_sockaddr_in(53, inet_aton($address));
}

# Takes the answers that have come.
sub take_answers {
    while (defined(my $from = recv probe_socket(), my $answer, 512, Socket::MSG_DONTWAIT)) {
        next if length $answer < 12;
        my $id = unpack 'n', $answer;
        my $asked = $ASKED{$id} or next;
        my ($port, $address) = unpack_sockaddr_in($from);
        next if $port != 53 || $address ne $asked->[1];
        delete $ASKED{$id};
        my $child = $asked->[0];
        Egress::Child::alive($child) if ($child->{probe_id} // 0) == $id;
    }
}

1;
