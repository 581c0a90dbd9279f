/**
 * Runs in an agent's container: a socket in a directory of its own, whose connections go out as the frames of
 * `agent-frames.ts`. perl-base is all it needs. At the end of its input it takes the socket away and ends, so that
 * nothing is left however devkit ended.
 */
export const AGENT_SOCKET_PROGRAM = String.raw`
use strict;
use Fcntl;
use Socket;
umask 077;
my ($dir, $path, $in, $out, $last, %client, %pending) = ('', '', '', '', 0);
$SIG{PIPE} = 'IGNORE';
$SIG{$_} = sub { exit 0 } for qw(HUP INT TERM);
END { unlink $path if $path ne ''; rmdir $dir if $dir ne '' }
open my $random, '<', '/dev/urandom' or die "devkit: /dev/urandom: $!\n";
sysread $random, my $bytes, 8;
my $fresh = '/tmp/devkit-ssh-' . unpack 'H*', $bytes;
mkdir $fresh, 0700 or die "devkit: $fresh: $!\n";
$dir = $fresh;
$path = "$dir/agent";
socket my $listener, PF_UNIX, SOCK_STREAM, 0 or die "devkit: $!\n";
bind $listener, pack_sockaddr_un $path or die "devkit: $path: $!\n";
listen $listener, 128 or die "devkit: $path: $!\n";
sub frame { my ($id, $data) = @_; $out .= pack('NN', $id, length $data) . $data }
sub drop { my ($id) = @_; close $client{$id}; delete $client{$id}; delete $pending{$id} }
frame(0, $path);
while (1) {
    my ($reading, $writing) = ('', '');
    vec($reading, 0, 1) = 1;
    if (length $out < 1 << 20) {
        vec($reading, fileno $_, 1) = 1 for $listener, values %client;
    }
    vec($writing, 1, 1) = 1 if $out ne '';
    for my $id (keys %pending) { vec($writing, fileno $client{$id}, 1) = 1 if $pending{$id} ne '' }
    my $found = select $reading, $writing, undef, undef;
    next if $found < 1;
    if (vec $writing, 1, 1) {
        my $sent = syswrite STDOUT, $out, 4096;
        exit 0 unless defined $sent;
        substr $out, 0, $sent, '';
    }
    if (vec $reading, 0, 1) {
        sysread STDIN, $in, 65536, length $in or exit 0;
        while (length $in >= 8) {
            my ($id, $length) = unpack 'NN', $in;
            last if length $in < 8 + $length;
            my $data = substr $in, 8, $length;
            substr $in, 0, 8 + $length, '';
            next unless exists $client{$id};
            if ($length) { $pending{$id} .= $data } else { drop($id) }
        }
    }
    for my $id (keys %client) {
        my $number = fileno $client{$id};
        if ($pending{$id} ne '' && vec $writing, $number, 1) {
            my $sent = syswrite $client{$id}, $pending{$id};
            if (defined $sent) { substr $pending{$id}, 0, $sent, '' }
            elsif (!$!{EAGAIN}) { frame($id, ''); drop($id); next }
        }
        if (vec $reading, $number, 1) {
            my $got = sysread $client{$id}, my $data, 65536;
            if ($got) { frame($id, $data) }
            elsif (defined $got || !$!{EAGAIN}) { frame($id, ''); drop($id) }
        }
    }
    if (vec $reading, fileno $listener, 1) {
        if (accept my $socket, $listener) {
            fcntl $socket, F_SETFL, O_NONBLOCK;
            ($client{++$last}, $pending{$last}) = ($socket, '');
        }
    }
}
`;
