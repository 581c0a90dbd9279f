# The internet's name server: what it answers is written in the name, so that every probe can have names of its own.
#   a-1-2-3-4.x.test          A 1.2.3.4; several such labels: several addresses
#   then-1-2-3-4.x.test       what the second question for an address, and each after it, is answered with
#   six-<32 hex digits>.test  AAAA
#   cname-1-2-3-4.x.test      CNAME a-1-2-3-4.internal.test, with its address
#   anything else             A, of the place named on the command line; TXT has a text
# names.pl DEFAULT-ADDRESS ADDRESS...: listens on port 53 of each address, UDP and TCP.
use strict;
use warnings;
use IO::Select;
use Socket qw(:DEFAULT SO_REUSEADDR);

my ($default, @addresses) = @ARGV;
my (%asked, %is_tcp);
my $waiting = IO::Select->new;
$SIG{PIPE} = 'IGNORE';

for my $address (@addresses) {
    for my $type (SOCK_DGRAM, SOCK_STREAM) {
        socket(my $socket, AF_INET, $type, 0) or die "socket: $!\n";
        setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
        bind($socket, pack_sockaddr_in(53, inet_aton($address))) or die "bind $address: $!\n";
        listen($socket, 64) if $type == SOCK_STREAM;
        $is_tcp{$socket} = $type == SOCK_STREAM;
        $waiting->add($socket);
    }
}

sub encoded { join('', map { pack('C/a', $_) } split(/\./, $_[0])) . "\0" }

sub record { my ($name, $type, $data) = @_; return $name . pack('n n N n/a', $type, 1, 0, $data) }

sub dotted { my ($text) = @_; return inet_aton($text =~ tr/-/./r) }

sub addresses_of {
    my ($name) = @_;
    my ($then) = $name =~ /(?:^|\.)then-(\d+-\d+-\d+-\d+)(?=\.)/;
    return dotted($then) if defined $then && $asked{$name}++;
    my @written = $name =~ /(?:^|\.)a-(\d+-\d+-\d+-\d+)(?=\.)/g;
    return @written ? map { dotted($_) } @written : inet_aton($default);
}

sub records_for {
    my ($name, $type) = @_;
    my $self = "\xc0\x0c";    # the name in the question
    if ($name =~ /(?:^|\.)cname-(\d+-\d+-\d+-\d+)\./) {
        my $target = encoded("a-$1.internal.test");
        my @end = $type == 1 ? record($target, 1, dotted($1)) : ();
        return (record($self, 5, $target), @end);
    }
    my ($six) = $name =~ /(?:^|\.)six-([0-9a-f]{32})\./;
    return map { record($self, 1, $_) } addresses_of($name) if $type == 1 && !defined $six;
    return record($self, 28, pack('H32', $six)) if $type == 28 && defined $six;
    return record($self, 16, pack('C/a', 'a text')) if $type == 16;
    return ();
}

sub answer {
    my ($query) = @_;
    return if length $query < 17;
    my ($id, $offset, @labels) = (unpack('n', $query), 12);
    while (my $length = ord(substr($query, $offset, 1))) {
        return if $offset + $length >= length $query;
        push @labels, substr($query, $offset + 1, $length);
        $offset += $length + 1;
    }
    my $question = substr($query, 12, $offset + 5 - 12);
    my @records = records_for(lc join('.', @labels), unpack('n', substr($query, $offset + 1, 2)));
    return pack('n n n n n n', $id, 0x8580, 1, scalar @records, 0, 0) . $question . join('', @records);
}

while (my @ready = $waiting->can_read) {
    for my $socket (@ready) {
        if (!$is_tcp{$socket}) {
            my $from = recv($socket, my $query, 4096, 0);
            my $reply = defined $from ? answer($query) : undef;
            send($socket, $reply, 0, $from) if defined $reply;
            next;
        }
        # One question for each connection, from peers of the rig's own: nobody here is slow on purpose.
        accept(my $connection, $socket) or next;
        next unless IO::Select->new($connection)->can_read(1) && sysread($connection, my $data, 4096);
        my $reply = answer(substr($data, 2));
        syswrite($connection, pack('n/a', $reply)) if defined $reply;
    }
}
