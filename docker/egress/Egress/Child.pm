package Egress::Child;
# One program that has to run: started when it can be, started again when it dies, told when its files have changed.
#
# A child is a hash: name, agent (`-`: of none), and the functions that make it a tinyproxy or a dnsmasq (Egress::Services):
#   command    its argument list; another one needs another process
#   missing()  what it lacks to start now (its address is not there yet)
#   probe()    asks it for a sign of life; what comes back ends in alive()
#   reload()   tells it that its files have changed; what comes back ends in alive() or reloaded()
#   read(line) what a line of its output means
# `wanted` and `live` are numbers of the state of its files: the newest, and the one it runs with.
use strict;
use warnings;
use POSIX ();
use Egress::Clock;

my $RETRY_MS = 100;
my $PROBE_MS = 20;
my $ACK_MS = 250;
my $STUCK_MS = 3000;
my $STEADY_MS = 10_000;
my $LONGEST_LINE = 8192;

sub new {
    my (%child) = @_;
    return { %child, state => 'stopped', wanted => 1, live => 0, failures => 0, next_at => 0, buffer => '', tail => [] };
}

# Does what is due, and answers how many milliseconds it wants to be asked again in; undef: when something happens.
sub step {
    my ($child) = @_;
    my $now = Egress::Clock::mono_ms();
    my $state = $child->{state};
    return step_stopped($child, $now) if $state eq 'stopped';
    if ($state eq 'stopping') {
        kill 'KILL', $child->{pid} if $now >= $child->{kill_at};
        return 50;
    }
    if ($child->{gone} || !is_as_asked($child)) {
        stop($child);
        return 50;
    }
    if ($state eq 'starting') {
        return stuck($child) if $now >= $child->{stuck_at};
        $child->{probe}->();
        return $PROBE_MS;
    }
    return undef if $child->{live} == $child->{wanted};
    return step_reload($child, $now);
}

sub step_stopped {
    my ($child, $now) = @_;
    return undef if $child->{gone};
    return $child->{next_at} - $now if $now < $child->{next_at};
    $child->{lacks} = $child->{missing}->();
    if (defined $child->{lacks}) {
        $child->{next_at} = $now + $RETRY_MS;
        return $RETRY_MS;
    }
    start($child, $now);
    return $PROBE_MS;
}

# A signal can be lost: one that arrives just before tinyproxy waits for connections is seen after the next one. So it
# is sent again until it is answered, and who never answers (an agent holds all the connections there are) is replaced.
sub step_reload {
    my ($child, $now) = @_;
    if (!defined $child->{sent}) {
        @$child{qw(sent stuck_at resend_at probe_id)} = ($child->{wanted}, $now + $STUCK_MS, 0, undef);
    }
    return stuck($child) if $now >= $child->{stuck_at};
    if ($now >= $child->{resend_at}) {
        $child->{reload}->();
        $child->{resend_at} = $now + $ACK_MS;
    }
    return $child->{resend_at} - $now;
}

sub stuck {
    my ($child) = @_;
    $child->{complain}->("$child->{name} does not answer and is started anew");
    stop($child, 'KILL');
    $child->{failed} = 1;
    return 50;
}

# It answered a probe: what it was started or told to reload with is live.
sub alive {
    my ($child) = @_;
    return reloaded($child) if $child->{state} eq 'running';
    return if $child->{state} ne 'starting';
    @$child{qw(state live)} = ('running', $child->{started_with});
}

sub reloaded {
    my ($child) = @_;
    $child->{live} = $child->{sent} if defined $child->{sent};
    $child->{sent} = undef;
}

sub is_current {
    my ($child) = @_;
    return $child->{state} eq 'running' && $child->{live} == $child->{wanted} && is_as_asked($child);
}

# Why it is not: for people.
sub excuse {
    my ($child) = @_;
    return $child->{state} eq 'running' ? 'it has not read its files'
        : $child->{state} eq 'stopped' && defined $child->{lacks} ? "$child->{lacks} is not there"
        : $child->{state};
}

sub is_as_asked {
    my ($child) = @_;
    return $child->{running_command} eq join "\0", @{$child->{command}};
}

sub start {
    my ($child, $now) = @_;
    my @command = @{$child->{command}};
    my $pid = pipe(my $from, my $to) ? fork : undef;
    if (!defined $pid) {
        $child->{complain}->("cannot start $child->{name}: $!");
        $child->{next_at} = $now + 1000;
        return;
    }
    run_program($to, @command) if $pid == 0;
    close $to;
    @$child{qw(state pid handle started_at stuck_at started_with running_command sent probe_id failed buffer tail)} =
        ('starting', $pid, $from, $now, $now + $STUCK_MS, $child->{wanted}, join("\0", @command), undef, undef, 0, '', []);
}

# In the new process. A reload before the program has its handlers must not end it, as USR1 and HUP would.
sub run_program {
    my ($to, @command) = @_;
    $SIG{$_} = 'DEFAULT' for qw(TERM INT CHLD PIPE);
    $SIG{$_} = 'IGNORE' for qw(USR1 HUP);
    open STDIN, '<', '/dev/null' and open STDOUT, '>&', $to and open STDERR, '>&', $to and exec { $command[0] } @command;
    POSIX::_exit(127);
}

sub stop {
    my ($child, $signal) = @_;
    return if $child->{state} eq 'stopped' || $child->{state} eq 'stopping';
    kill $signal // 'TERM', $child->{pid};
    @$child{qw(state kill_at)} = ('stopping', Egress::Clock::mono_ms() + 1000);
}

# Its process has ended.
sub ended {
    my ($child, $status) = @_;
    my $now = Egress::Clock::mono_ms();
    # What it had printed; a process of its own may still print, so not for ever.
    for (1 .. 16) { last unless pump($child) }
    my $expected = $child->{state} eq 'stopping' && !$child->{failed};
    $child->{failures} = 0 if $expected || $now - $child->{started_at} >= $STEADY_MS;
    my $wait = $expected || $child->{failures}++ == 0 ? 0 : 100 * 2 ** ($child->{failures} - 2);
    $child->{complain}->("$child->{name} ended ($status): " . join ' | ', @{$child->{tail}}) if !$expected;
    close $child->{handle};
    @$child{qw(state pid handle sent next_at)} = ('stopped', undef, undef, undef, $now + ($wait > 5000 ? 5000 : $wait));
}

# Reads what it has printed; false when there was nothing.
sub pump {
    my ($child) = @_;
    vec(my $ready = '', fileno $child->{handle}, 1) = 1;
    return 0 unless select($ready, undef, undef, 0) > 0;
    my $got = sysread $child->{handle}, $child->{buffer}, 65536, length $child->{buffer};
    return 0 unless $got;
    my @lines = split /\n/, $child->{buffer}, -1;
    $child->{buffer} = substr pop @lines, 0, $LONGEST_LINE;
    for my $line (@lines) {
        my $meaning = $child->{read}->($line) or next;
        if ($meaning->[0] eq 'audit') { $child->{audit}->(@$meaning[1, 2]) }
        elsif ($meaning->[0] eq 'reloaded') { reloaded($child) }
        elsif ($meaning->[0] eq 'notice') { $child->{complain}->("$child->{name}: $meaning->[1]") }
        else { push @{$child->{tail}}, $meaning->[1]; shift @{$child->{tail}} if @{$child->{tail}} > 5 }
    }
    return 1;
}

1;
