# A proxy that reads every request in the worst way: it connects to everything in it that could be meant as a place, and
# sends to all of these what the client sends. What a proxy with rules might do by mistake, this one does always.
# careless-proxy.pl PORT
use strict;
use warnings;
use IO::Select;
use Socket qw(:DEFAULT :addrinfo SO_REUSEADDR);

my ($port) = @ARGV;
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
socket(my $server, AF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, pack_sockaddr_in($port, INADDR_ANY)) or die "bind: $!\n";
listen($server, 128);
$| = 1;
print "#ready\n";

# [host, port] of each part of the request that has a dot, a colon or nothing but digits.
sub places {
    my ($request) = @_;
    $request =~ s/%([0-9a-f]{2})/chr hex $1/gie;
    $request =~ s/\xef\xbc\x8e/./g;
    $request =~ s/HTTP\/\d\.\d//g;
    my %places;
    for my $part (split(m{[\s\0\@#?/\\,]+}, $request)) {
        $part =~ s/^\.+//;
        my ($host, $port) = $part =~ /^\[([0-9a-f:.]+)\](?::(\d+))?/i;
        ($host, $port) = ($1, $2) if !defined $host && $part =~ /^([0-9a-f]*:[0-9a-f:]*:[0-9a-f:]+):(\d+)$/i;
        ($host, $port) = split(/:/, $part) unless defined $host;
        next unless defined $host && $host =~ /[.:]|^\d+$|^0x|^localhost$/;
        $host =~ s/\.+$//;
        $port = 80 unless defined $port && $port =~ /^\d+$/;
        $places{"$host $port"} = [$host, $port % 65536];
    }
    return values %places;
}

sub serve {
    my ($client) = @_;
    alarm 10;
    my $request = '';
    while ($request !~ /\S.*\r?\n\r?\n/s && sysread($client, my $data, 4096)) { $request .= $data }
    my @upstream;
    for (places($request)) {
        my ($error, @found) = getaddrinfo($_->[0], $_->[1], { socktype => SOCK_STREAM });
        for my $found (@found) {
            socket(my $socket, $found->{family}, SOCK_STREAM, 0) or next;
            local $SIG{ALRM} = sub { die };
            my $before = alarm 1;
            my $is_connected = eval { connect($socket, $found->{addr}) };
            alarm 8;
            next unless $is_connected;
            syswrite($socket, $request) unless $request =~ /^\s*connect/i;
            push @upstream, $socket;
        }
    }
    syswrite($client, "HTTP/1.0 200 OK\r\n\r\n");
    my $waiting = IO::Select->new($client, @upstream);
    while (my @ready = $waiting->can_read) {
        for my $socket (@ready) {
            if (!sysread($socket, my $data, 4096)) {
                return if $socket == $client;
                $waiting->remove($socket);
            }
            elsif ($socket == $client) { syswrite($_, $data) for @upstream }
            else                       { syswrite($client, $data) }
        }
    }
}

while (1) {
    accept(my $client, $server) or next;
    my $child = fork;
    if (defined $child && $child == 0) { serve($client); exit }
    close $client;
}
