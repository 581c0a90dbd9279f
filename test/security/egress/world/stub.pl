# A resolver that passes every question on, as systemd-resolved does on a host, and writes it down:
#   <place> TAB dns TAB <from> TAB - TAB <text>
# stub.pl PLACE LISTEN-ADDRESS UPSTREAM-ADDRESS
use strict;
use warnings;
use IO::Select;
use Socket qw(:DEFAULT SO_REUSEADDR);

my ($place, $own, $upstream) = @ARGV;
my $waiting = IO::Select->new;
my @servers;
$| = 1;
$SIG{PIPE} = 'IGNORE';

for my $type (SOCK_DGRAM, SOCK_STREAM) {
    socket(my $socket, AF_INET, $type, 0) or die "socket: $!\n";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($socket, pack_sockaddr_in(53, inet_aton($own))) or die "bind $own: $!\n";
    listen($socket, 64) if $type == SOCK_STREAM;
    push @servers, $socket;
    $waiting->add($socket);
}
print "#ready\n";

sub asked {
    my ($query, $from) = @_;
    my ($port, $address) = unpack_sockaddr_in($from);
    my $text = $query =~ s/[^\x20-\x7e]/./gr;
    print join("\t", $place, 'dns', inet_ntoa($address), '-', $text), "\n";
    socket(my $socket, AF_INET, SOCK_DGRAM, 0) or return;
    send($socket, $query, 0, pack_sockaddr_in(53, inet_aton($upstream))) or return;
    return unless IO::Select->new($socket)->can_read(2);
    recv($socket, my $reply, 4096, 0);
    return $reply;
}

while (my @ready = $waiting->can_read) {
    for my $socket (@ready) {
        if ($socket == $servers[0]) {
            my $from = recv($socket, my $query, 4096, 0) // next;
            my $reply = asked($query, $from);
            send($socket, $reply, 0, $from) if defined $reply;
            next;
        }
        my $from = accept(my $connection, $socket) or next;
        next unless IO::Select->new($connection)->can_read(1) && sysread($connection, my $data, 4096);
        my $reply = asked(substr($data, 2), $from);
        syswrite($connection, pack('n/a', $reply)) if defined $reply;
    }
}
