package Egress::Audit;
# The audit log. What it is told comes from agents: the log stays bounded, and no agent can fill it at the cost of the
# others faster than some lines a second.
use strict;
use warnings;
use Fcntl;
use Egress::Clock;

my $WINDOW_MS = 1000;
my $MAX_BYTES = 4 * 1024 * 1024;
my $MAX_TARGETS = 32;

sub new {
    my ($dir, $complain) = @_;
    return {
        file => "$dir/audit.log", old => "$dir/audit.1.log", complain => $complain,
        lines => {}, targets => {}, due => undef, failed => 0,
    };
}

# Text that somebody else wrote, safe for a line of a log.
sub clean {
    my ($text, $longest) = @_;
    $text = substr $text, 0, $longest // 300;
    $text =~ s/[^\x20-\x7e]/?/g;
    return $text eq '' ? '?' : $text;
}

# Equal ones within a second become one line with a count; of too many different ones the rest are counted together.
sub record {
    my ($audit, $agent, $kind, $verdict, $target) = @_;
    $target = clean($target);
    my $key = join "\t", $agent, $kind, $verdict, $target;
    if (!$audit->{lines}{$key} && ++$audit->{targets}{"$agent\t$kind"} > $MAX_TARGETS) {
        $key = join "\t", $agent, $kind, $verdict, '(more)';
    }
    my $line = $audit->{lines}{$key} //= [Egress::Clock::wall_ms(), 0];
    $line->[1]++;
    $audit->{due} //= Egress::Clock::mono_ms() + $WINDOW_MS;
}

sub flush {
    my ($audit) = @_;
    my $lines = $audit->{lines};
    my $text = join '', map { "$lines->{$_}[0]\t$_\t$lines->{$_}[1]\n" }
        sort { $lines->{$a}[0] <=> $lines->{$b}[0] || $a cmp $b } keys %$lines;
    @$audit{qw(lines targets due)} = ({}, {}, undef);
    my $written = $text eq '' || append($audit, $text);
    $audit->{complain}->("cannot write the audit log: $!") if !$written && !$audit->{failed};
    $audit->{failed} = !$written;
}

sub append {
    my ($audit, $text) = @_;
    my $size = -s $audit->{file} // 0;
    rename $audit->{file}, $audit->{old} if $size > 0 && $size + length($text) > $MAX_BYTES;
    sysopen my $handle, $audit->{file}, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600 or return 0;
    return (syswrite($handle, $text) // -1) == length $text;
}

1;
