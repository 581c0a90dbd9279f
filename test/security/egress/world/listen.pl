# Writes down everything that is delivered to it, one line each:
#   <place> TAB <protocol> TAB <from> TAB <to> TAB <text>
# listen.pl PLACE SPEC...   with SPEC one of  tcp:PORT  tcp:ADDRESS:PORT  udp:PORT  udp:ADDRESS:PORT  icmp  icmp6
# Only what perl-base has, so that it runs in every container. `#ready` is the first line.
use strict;
use warnings;
use IO::Select;
use Socket qw(:DEFAULT :addrinfo IPPROTO_IPV6 IPV6_V6ONLY SO_REUSEADDR);

my ($place, @specs) = @ARGV;
my %name;     # socket -> [protocol, what it is bound to]
my %accepted; # connection -> [from, to]
my $waiting = IO::Select->new;
$| = 1;
$SIG{PIPE} = 'IGNORE';

sub note {
    my ($protocol, $from, $to, $text) = @_;
    $text =~ s/[^\x20-\x7e]/./g;
    print join("\t", $place, $protocol, $from, $to, substr($text, 0, 600)), "\n";
}

sub printable {
    my ($address) = @_;
    my ($error, $host, $port) = getnameinfo($address, NI_NUMERICHOST | NI_NUMERICSERV);
    return $error ? '?' : "$host $port";
}

sub bound {
    my ($family, $type, $protocol, $address) = @_;
    socket(my $socket, $family, $type, $protocol) or return;
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $family == AF_INET6;
    bind($socket, $address) or return;
    listen($socket, 64) or return if $type == SOCK_STREAM;
    return $socket;
}

# Both families, each with a socket of its own, because only an IPv4 socket surely gets broadcasts. IPv6 may be off.
sub open_port {
    my ($protocol, $host, $port) = @_;
    my $type = $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM;
    my $four = bound(AF_INET, $type, 0, pack_sockaddr_in($port, inet_aton($host // '0.0.0.0')))
        or die "$protocol port $port: $!\n";
    $name{$four} = [$protocol, $port];
    $waiting->add($four);
    return if defined $host;
    my $six = bound(AF_INET6, $type, 0, pack_sockaddr_in6($port, Socket::IN6ADDR_ANY())) or return;
    $name{$six} = [$protocol, $port];
    $waiting->add($six);
}

# A raw socket gets what passed the firewall, unlike a capture of frames.
sub open_raw {
    my ($protocol) = @_;
    my ($family, $number) = $protocol eq 'icmp' ? (AF_INET, 1) : (AF_INET6, 58);
    socket(my $socket, $family, SOCK_RAW, $number) or return;
    $name{$socket} = [$protocol, '-'];
    $waiting->add($socket);
}

for (@specs) {
    if (/^(tcp|udp):(?:([\d.]+):)?(\d+)$/) { open_port($1, $2, $3) }
    elsif (/^icmp6?$/)                     { open_raw($_) }
    else                                   { die "not understood: $_\n" }
}
print "#ready\n";

sub take_connection {
    my ($socket) = @_;
    my $from = accept(my $connection, $socket) or return;
    my $to = printable(getsockname($connection));
    $accepted{$connection} = [printable($from), $to];
    note('tcp', printable($from), $to, '(connected)');
    $waiting->add($connection);
}

sub read_connection {
    my ($connection) = @_;
    my $got = sysread($connection, my $data, 65536);
    if ($got) {
        note('tcp', @{ $accepted{$connection} }, $data);
        syswrite($connection, "HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\narrived\n");
        return;
    }
    $waiting->remove($connection);
    delete $accepted{$connection};
    close $connection;
}

sub read_packet {
    my ($socket) = @_;
    my ($protocol, $port) = @{ $name{$socket} };
    my $from = recv($socket, my $data, 65536, 0);
    note($protocol, printable($from), $port, $data) if defined $from;
}

while (my @ready = $waiting->can_read) {
    for my $socket (@ready) {
        if    ($accepted{$socket})          { read_connection($socket) }
        elsif ($name{$socket}[0] eq 'tcp') { take_connection($socket) }
        else                                { read_packet($socket) }
    }
}
