package Egress::Clock;
# Two clocks without Time::HiRes, which perl-base lacks: one for people, one that nobody can set.
use strict;
use warnings;
use Config;
use POSIX ();

# The number of the system call gettimeofday; elsewhere the milliseconds of the audit log are zeros.
my %GETTIMEOFDAY = ('x86_64' => 96, 'aarch64' => 169, 'riscv64' => 169);
my ($MACHINE) = $Config{archname} =~ /^([^-]+)-linux/;
my $CALL = defined $MACHINE ? $GETTIMEOFDAY{$MACHINE} : undef;
my $TICKS = POSIX::sysconf(POSIX::_SC_CLK_TCK()) || 100;

# Milliseconds since 1970.
sub wall_ms {
    if (defined $CALL) {
        my $answer = pack 'q q', 0, 0;
        if (syscall($CALL, $answer, 0) == 0) {
            my ($seconds, $micros) = unpack 'q q', $answer;
            return $seconds * 1000 + int($micros / 1000);
        }
    }
    return time() * 1000;
}

# Milliseconds since some moment, in steps of 10.
sub mono_ms {
    my ($ticks) = POSIX::times();
    return int($ticks * 1000 / $TICKS);
}

1;
