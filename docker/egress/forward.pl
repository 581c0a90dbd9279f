#!/usr/bin/perl
# Carries TCP connections from the host's loopback to an agent (docs/adr/0019-ports.md). Two of it run for an agent that
# publishes ports: one in the host's network, one in the agent's. Between them are Unix sockets in a directory that
# both mount and no agent sees: an agent has nothing to connect to, and no packet has a way.
#
#   forward.pl outside <host port>=<port>...   127.0.0.1:<host port> to /devkit/ports/<port>
#   forward.pl inside <port>...                /devkit/ports/<port> to 127.0.0.1:<port>, or [::1]:<port>
#
# `outside` says in /devkit/ports/state what it listens on: `<host port> open` or `<host port> taken`, one per line.
use strict;
use warnings;
use Errno qw(EADDRINUSE EAGAIN EINPROGRESS EINTR ECONNREFUSED);
use Fcntl;
use Socket qw(:DEFAULT pack_sockaddr_in6 pack_sockaddr_un inet_pton AF_INET6);

my $DIR = '/devkit/ports';
my $CHUNK = 65536;
# select(2) takes 1024 descriptors.
my $MOST_DESCRIPTORS = 900;
my $RETRY_SECONDS = 1;
# More than the other half ever begins at once: a full queue of a Unix socket refuses instead of waiting.
my $QUEUE = 1024;

$SIG{PIPE} = 'IGNORE';
my ($side, @words) = @ARGV;
my @doors = map { $side eq 'outside' ? outer_door($_) : inner_door($_) } @words;
my $most = int(($MOST_DESCRIPTORS - @doors) / 2);
my @pairs;    # of ends: { handle, out, connected, eof, shut, ways }

umask 0077;
open_doors();
say_state();
step() while 1;

sub outer_door {
    my ($host_port, $port) = $_[0] =~ /\A(\d+)=(\d+)\z/ or die "not <host port>=<port>: $_[0]\n";
    my @ways = ([PF_UNIX, pack_sockaddr_un("$DIR/$port")]);
    return { name => $host_port, at => [PF_INET, pack_sockaddr_in($host_port, INADDR_LOOPBACK)], ways => \@ways };
}

# Many development servers listen on one loopback address alone, and which one depends on the program.
sub inner_door {
    my ($port) = $_[0] =~ /\A(\d+)\z/ or die "not a port: $_[0]\n";
    my $path = "$DIR/$port";
    unlink $path;
    my @ways = (
        [PF_INET, pack_sockaddr_in($port, INADDR_LOOPBACK)],
        [AF_INET6, pack_sockaddr_in6($port, inet_pton(AF_INET6, '::1'))],
    );
    return { name => $port, at => [PF_UNIX, pack_sockaddr_un($path)], ways => \@ways };
}

# Whether one of them has come to be open. What another program has is tried again until it is free.
sub open_doors {
    my $opened = 0;
    for my $door (grep { !defined $_->{handle} } @doors) {
        my ($family, $place) = @{ $door->{at} };
        my $handle = stream($family);
        setsockopt $handle, SOL_SOCKET, SO_REUSEADDR, 1 if $family == PF_INET;
        if (bind($handle, $place) && listen($handle, $QUEUE)) { ($door->{handle}, $opened) = ($handle, 1) }
        elsif ($! != EADDRINUSE) { die "cannot listen on $door->{name}: $!\n" }
    }
    return $opened;
}

# In one piece: the host reads it at any time.
sub say_state {
    return if $side ne 'outside';
    open my $file, '>', "$DIR/.state" or die "cannot write $DIR/.state: $!\n";
    print $file $_->{name}, defined $_->{handle} ? " open\n" : " taken\n" for @doors;
    close $file or die "cannot write $DIR/.state: $!\n";
    rename "$DIR/.state", "$DIR/state" or die "cannot write $DIR/state: $!\n";
}

sub stream {
    my ($family) = @_;
    socket my $handle, $family, SOCK_STREAM, 0 or return undef;
    fcntl $handle, F_SETFL, O_NONBLOCK or die "fcntl: $!\n";
    return $handle;
}

# Waits until something can be done, and does it.
sub step {
    my ($readable, $writable) = ('', '');
    my @open = grep { defined $_->{handle} } @doors;
    if (@pairs < $most) { vec($readable, fileno $_->{handle}, 1) = 1 for @open }
    for my $pair (@pairs) {
        for my $side (0, 1) {
            my ($end, $other) = @$pair[$side, 1 - $side];
            vec($readable, fileno $end->{handle}, 1) = 1 if wants_more($end, $other);
            vec($writable, fileno $end->{handle}, 1) = 1 if !$end->{connected} || length $end->{out};
        }
    }
    my $found = select $readable, $writable, undef, @open < @doors ? $RETRY_SECONDS : undef;
    if ($found < 0) { $! == EINTR ? return : die "select: $!\n" }
    if (@open < @doors && open_doors()) { say_state() }
    return if $found == 0;
    @pairs = grep { carry($_, $readable, $writable) } @pairs;
    for my $door (grep { vec $readable, fileno $_->{handle}, 1 } @open) { take($door) }
}

# Nothing is read before the other side has taken what was: a slow one holds the fast one up, and memory is bounded.
sub wants_more {
    my ($end, $other) = @_;
    return $end->{connected} && $other->{connected} && !$end->{eof} && !length $other->{out};
}

sub take {
    my ($door) = @_;
    while (@pairs < $most && accept my $handle, $door->{handle}) {
        fcntl $handle, F_SETFL, O_NONBLOCK or die "fcntl: $!\n";
        my $target = { out => '', ways => [@{ $door->{ways} }] };
        # Where nobody listens there is nobody to talk to.
        push @pairs, [{ handle => $handle, out => '', connected => 1 }, $target] if try_next($target);
    }
}

# Begins to connect, in the first way that does not fail at once.
sub try_next {
    my ($end) = @_;
    while (my $way = shift @{ $end->{ways} }) {
        my ($family, $place) = @$way;
        $end->{handle} = stream($family) // next;
        return $end->{connected} = 1 if connect $end->{handle}, $place;
        return 1 if $! == EINPROGRESS;
    }
    return 0;
}

# False once nothing more is to come of the pair.
sub carry {
    my ($pair, $readable, $writable) = @_;
    for my $side (0, 1) {
        my ($end, $other) = @$pair[$side, 1 - $side];
        my $number = fileno $end->{handle};
        if (vec $writable, $number, 1) { put($end) or return 0 }
        # A way that failed has left another handle there, which was not waited for.
        next if $number != fileno $end->{handle};
        if (vec $readable, $number, 1) { get($end, $other) or return 0 }
    }
    for my $side (0, 1) {
        my ($end, $other) = @$pair[$side, 1 - $side];
        next if !$end->{eof} || $other->{shut} || !$other->{connected} || length $other->{out};
        shutdown $other->{handle}, 1;
        $other->{shut} = 1;
    }
    return !($pair->[0]{shut} && $pair->[1]{shut});
}

sub put {
    my ($end) = @_;
    if (!$end->{connected}) {
        my $error = unpack 'i', getsockopt $end->{handle}, SOL_SOCKET, SO_ERROR;
        return try_next($end) if $error;
        $end->{connected} = 1;
    }
    return 1 unless length $end->{out};
    my $sent = syswrite $end->{handle}, $end->{out};
    return $! == EAGAIN || $! == EINTR unless defined $sent;
    substr $end->{out}, 0, $sent, '';
    return 1;
}

sub get {
    my ($end, $other) = @_;
    my $got = sysread $end->{handle}, $other->{out}, $CHUNK, length $other->{out};
    return $! == EAGAIN || $! == EINTR unless defined $got;
    $end->{eof} = 1 if $got == 0;
    return 1;
}
