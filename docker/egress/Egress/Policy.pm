package Egress::Policy;
# Reads what the host wrote. The host is trusted, but a half-written or misspelt file must never open anything:
# a line that is not understood allows nothing and is reported.
use strict;
use warnings;
use Socket;

my $LABEL = qr/[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?/;
my $NAME = qr/\*|(?:\*\.)?(?:$LABEL\.)+$LABEL/;
# tinyproxy cuts a line at white space, at # and after 511 bytes; the rest would be another rule, or nothing.
my $RULE = qr/[\x21\x22\x24-\x7e]{1,500}/;

# The policy in $dir: { generation, blocked => [...], agents => { name => {...} }, problems => [[who, what], ...] }.
sub read_policy {
    my ($dir) = @_;
    for my $attempt (1 .. 5) {
        my $before = slurp("$dir/generation") // '';
        my $policy = read_once($dir);
        next if (slurp("$dir/generation") // '') ne $before;
        $before =~ s/\s+\z//;
        $policy->{generation} = $before =~ /\A[\x21-\x7e]{1,100}\z/ ? $before : '';
        return $policy;
    }
    return undef;
}

sub none {
    return { generation => '', blocked => [], private => [], agents => {}, problems => [] };
}

sub read_once {
    my ($dir) = @_;
    my %policy = %{none()};
    for my $line (lines_of("$dir/resolver")) {
        if (is_prefix(AF_INET, 32, $line) || is_prefix(AF_INET6, 128, $line)) { push @{$policy{blocked}}, $line }
        else { push @{$policy{problems}}, ['-', 'resolver: not an address: ' . $line] }
    }
    for my $line (lines_of("$dir/private")) {
        if ($line =~ /\A(?:[a-z0-9_-]+\.)+[a-z0-9-]+\z/) { push @{$policy{private}}, $line }
        else { push @{$policy{problems}}, ['-', 'private: not a name: ' . $line] }
    }
    opendir my $handle, "$dir/agents" or return \%policy;
    my @names = sort grep { /\A[a-z0-9][a-z0-9._-]{0,62}\z/ && -d "$dir/agents/$_" } readdir $handle;
    for my $name (@names) {
        my $agent = read_agent("$dir/agents/$name", $policy{problems}, $name);
        $policy{agents}{$name} = $agent if defined $agent;
    }
    return \%policy;
}

sub read_agent {
    my ($dir, $problems, $name) = @_;
    my ($address) = lines_of("$dir/address");
    my ($client) = lines_of("$dir/client");
    # Both are missing while the host makes or removes the directory.
    return undef if !defined $address && !defined $client;
    if (!is_prefix(AF_INET, 0, $address // '') || !is_prefix(AF_INET, 32, $client // '')) {
        push @$problems, [$name, 'no address, or no clients, that can be read'];
        return undef;
    }
    my ($rules, $bad_rules) = timed_lines("$dir/allow", $RULE);
    my ($names, $bad_names) = timed_lines("$dir/names", $NAME);
    push @$problems, [$name, "not a rule: $_"] for @$bad_rules;
    push @$problems, [$name, "not a name: $_"] for @$bad_names;
    return {
        name => $name, address => $address, client => $client, page => "$dir/denied.html",
        rules => $rules, names => $names, whole => !@$bad_rules,
    };
}

# Lines `<until> <text>` as [until, text], and the ones that are none.
sub timed_lines {
    my ($file, $shape) = @_;
    my (@good, @bad);
    for my $line (lines_of($file)) {
        if ($line =~ /\A(\d{1,12}) ($shape)\z/) { push @good, [$1, $2] }
        else { push @bad, $line }
    }
    return (\@good, \@bad);
}

# Whether it is an address, or one with a length of its prefix up to $longest.
sub is_prefix {
    my ($family, $longest, $text) = @_;
    my ($address, $length) = $text =~ m{\A([0-9a-f.:]+)(?:/(\d{1,3}))?\z} or return 0;
    return defined Socket::inet_pton($family, $address) && ($length // 0) <= $longest;
}

# What still holds at this second.
sub in_force {
    my ($timed, $now) = @_;
    my %seen;
    return grep { !$seen{$_}++ } map { $_->[1] } grep { $_->[0] == 0 || $_->[0] > $now } @$timed;
}

sub lines_of {
    my ($file) = @_;
    return grep { length } split /\n/, slurp($file) // '';
}

sub slurp {
    my ($file) = @_;
    open my $handle, '<', $file or return undef;
    local $/;
    return scalar <$handle>;
}

1;
