# Writes down every packet that comes in by one interface, whatever happens to it afterwards:
#   internet TAB <protocol> TAB <from> TAB <to> <port> TAB <text>
# capture.pl INTERFACE. Only what links need among themselves (ARP, neighbour discovery) is left out.
use strict;
use warnings;
use Socket;

use constant { AF_PACKET => 17, ETH_P_ALL => 3, PACKET_OUTGOING => 4 };

my ($interface) = @ARGV;
my %seen;
$| = 1;

# Two bytes family, two bytes protocol, four bytes index: struct sockaddr_ll.
socket(my $socket, AF_PACKET, SOCK_RAW, unpack('n', pack('S', ETH_P_ALL))) or die "no capture: $!\n";
open(my $file, '<', "/sys/class/net/$interface/ifindex") or die "$interface: $!\n";
chomp(my $index = <$file>);
bind($socket, pack('S n i S C C a8', AF_PACKET, ETH_P_ALL, $index, 0, 0, 0, '')) or die "bind: $!\n";
print "#ready\n";

sub note {
    my ($protocol, $from, $to, $text) = @_;
    $text =~ s/[^\x20-\x7e]/./g;
    my $line = join("\t", 'internet', $protocol, $from, $to, substr($text, 0, 600));
    print "$line\n" unless $seen{$line}++;
}

# The text of TCP is the payload, empty for the packets that open and close a connection.
sub transport {
    my ($number, $from, $to, $data) = @_;
    if ($number == 6 && length $data >= 20) {
        my $port = unpack('x2 n', $data);
        return note('tcp', $from, "$to $port", substr($data, 4 * (ord(substr($data, 12, 1)) >> 4)));
    }
    if ($number == 17 && length $data >= 8) {
        return note('udp', $from, "$to " . unpack('x2 n', $data), substr($data, 8));
    }
    return note('icmp', $from, "$to -", $data) if $number == 1;
    if ($number == 58) {
        my $type = ord $data;
        return if ($type >= 130 && $type <= 137) || $type == 143;
        return note('icmp6', $from, "$to -", $data);
    }
    note("ip$number", $from, "$to -", $data);
}

sub packet4 {
    my ($data) = @_;
    my ($first, $number, $from, $to) = unpack('C x8 C x2 a4 a4', $data);
    transport($number, inet_ntoa($from), inet_ntoa($to), substr($data, 4 * ($first & 15)));
}

sub packet6 {
    my ($data) = @_;
    my ($number, $from, $to) = unpack('x6 C x a16 a16', $data);
    my $payload = substr($data, 40);
    # Multicast listener reports come behind a hop-by-hop header.
    if ($number == 0) {
        ($number, my $length) = unpack('C C', $payload);
        $payload = substr($payload, 8 * ($length + 1));
    }
    transport($number, Socket::inet_ntop(AF_INET6, $from), Socket::inet_ntop(AF_INET6, $to), $payload);
}

while (defined(my $from = recv($socket, my $frame, 65536, 0))) {
    my $direction = unpack('x10 C', $from);
    next if $direction == PACKET_OUTGOING || length $frame < 34;
    my $type = unpack('x12 n', $frame);
    my $data = substr($frame, 14);
    if    ($type == 0x0800) { packet4($data) }
    elsif ($type == 0x86dd) { packet6($data) }
    elsif ($type != 0x0806) { note(sprintf('ether%04x', $type), '-', '- -', $data) }
}
