#!/usr/bin/perl
# PID 1 of the egress container: runs a proxy and a DNS sink for every agent and one resolver, with the policy that the
# host writes (docs/adr/0013-egress.md). Perl, because every Debian has perl-base, and nothing beyond what is in it.
#
#   /etc/egress      the policy, read-only; USR1 says that it has changed
#   /var/log/egress  applied, problems, audit.log
#   /run/egress      files for tinyproxy and dnsmasq
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Egress::Audit;
use Egress::Child;
use Egress::Clock;
use Egress::Configs;
use Egress::Policy;
use Egress::Services;

my ($POLICY, $LOG, $RUN) = qw(/etc/egress /var/log/egress /run/egress);
# The engine's temporary file system is empty.
mkdir $RUN unless -d $RUN;
# How long a listener may take before the host is told why.
my $PATIENCE_MS = 1500;

$| = 1;
my ($policy, $applied, $problems, $read_at) = (undef, '', '', 0);
my %agents;     # name => { spec, rules, filter, servers, proxy, sink }
my @leaving;    # children of agents that are gone
my $audit = Egress::Audit::new($LOG, \&complain);
my $resolver = Egress::Services::resolver(\&complain);
my $refreshed_at = 0;
my $complaint = ['', 0];

# Signals become bytes in a pipe, so that none comes between looking and waiting.
pipe my $signals, my $signalled or die "no pipe: $!\n";
for my $handle ($signals, $signalled) {
    fcntl $handle, F_SETFL, O_NONBLOCK or die "fcntl: $!\n";
}
my %letters = (USR1 => 'r', HUP => 'r', TERM => 't', INT => 't', CHLD => 'c');
for my $name (keys %letters) {
    $SIG{$name} = sub { local $!; syswrite $signalled, $letters{$name} };
}
$SIG{PIPE} = 'IGNORE';

unlink "$LOG/applied", "$LOG/problems";
load_policy();
main_loop();

sub main_loop {
    while (1) {
        wait_for_something(do_what_is_due());
        Egress::Services::take_answers();
        Egress::Child::pump($_) for grep { defined $_->{handle} } children();
        my $got = sysread $signals, my $letters, 4096;
        reap();
        end() if $got && $letters =~ /t/;
        load_policy() if $got && $letters =~ /r/;
    }
}

# Brings everything to what the policy says at this second; answers the milliseconds until there is more to do.
sub do_what_is_due {
    add_agents();
    refresh_files() if time != $refreshed_at;
    my @waits = grep { defined } map { Egress::Child::step($_) } children();
    @leaving = grep { $_->{state} ne 'stopped' } @leaving;
    if ($resolver->{failures} > 5) {
        complain('the resolver cannot be kept running: nothing gets out without it, so this ends');
        end(1);
    }
    report();
    Egress::Audit::flush($audit) if defined $audit->{due} && Egress::Clock::mono_ms() >= $audit->{due};
    push @waits, $audit->{due} - Egress::Clock::mono_ms() if defined $audit->{due};
    push @waits, until_next_end();
    my ($least) = sort { $a <=> $b } @waits, 60_000;
    return $least < 0 ? 0 : $least;
}

sub wait_for_something {
    my ($ms) = @_;
    my $wanted = '';
    vec($wanted, fileno $_, 1) = 1
        for $signals, Egress::Services::probe_socket(), grep { defined } map { $_->{handle} } children();
    select $wanted, undef, undef, $ms / 1000;
}

sub children {
    return ($resolver, @leaving, map { ($_->{proxy}, $_->{sink}) } values %agents);
}

sub reap {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $status = $? & 127 ? 'signal ' . ($? & 127) : 'exit ' . ($? >> 8);
        Egress::Child::ended($_, $status) for grep { ($_->{pid} // 0) == $pid } children();
    }
}

sub load_policy {
    $policy = Egress::Policy::read_policy($POLICY) // $policy // Egress::Policy::none();
    $read_at = Egress::Clock::mono_ms();
    # Said anew for what was read now, also when it is what was in force before the last one.
    $applied = '';
    unlink "$LOG/applied";
    $resolver->{command} = [Egress::Configs::resolver(@$policy{qw(blocked private)})];
    for my $name (grep { !$policy->{agents}{$_} || is_elsewhere($_) } keys %agents) {
        my $agent = delete $agents{$name};
        for my $child (@$agent{qw(proxy sink)}) { $child->{gone} = 1; push @leaving, $child }
    }
    for my $name (keys %agents) { take_rules($agents{$name}, $policy->{agents}{$name}) }
    add_agents();
    refresh_files();
    complain("$_->[0]: $_->[1]") for @{$policy->{problems}};
}

# Agents that are new. One that moves to another address starts there when it has left the old one.
sub add_agents {
    for my $spec (values %{$policy->{agents}}) {
        my $name = $spec->{name};
        next if $agents{$name} || grep { $_->{agent} eq $name } @leaving;
        $agents{$name} = add_agent($spec);
        take_rules($agents{$name}, $spec);
        refresh_files();
    }
}

sub is_elsewhere {
    my ($name) = @_;
    my ($old, $new) = ($agents{$name}{spec}, $policy->{agents}{$name});
    return "$old->{address} $old->{client}" ne "$new->{address} $new->{client}";
}

sub add_agent {
    my ($spec) = @_;
    my $dir = "$RUN/$spec->{name}";
    mkdir $dir;
    my $listens = sub { my ($kind) = @_; sub { Egress::Audit::record($audit, $spec->{name}, $kind, @_) } };
    put("$dir/tinyproxy.conf", Egress::Configs::tinyproxy($spec, "$dir/filter"));
    my $agent = { dir => $dir, spec => $spec, rules => [], filter => '', servers => '' };
    put("$dir/$_", '') for qw(filter servers);
    $agent->{proxy} = Egress::Services::proxy($spec, "$dir/tinyproxy.conf", \&complain, $listens->('proxy'));
    $agent->{sink} = Egress::Services::sink($spec, "$dir/servers", \&complain, $listens->('dns'));
    return $agent;
}

# New rules count only when tinyproxy itself takes all of them. Otherwise the old ones stay, but for those that the
# host has taken away: a mistake in one line must not keep open what another was meant to close.
sub take_rules {
    my ($agent, $spec) = @_;
    $agent->{spec} = $spec;
    my $rules = $spec->{rules};
    if ($spec->{whole} && (filter_text($rules, 0) eq filter_text($agent->{rules}, 0) || passes_trial($agent))) {
        $agent->{rules} = $rules;
        return;
    }
    my %kept = map { ("@$_" => 1) } @$rules;
    $agent->{rules} = [grep { $kept{"@$_"} } @{$agent->{rules}}];
}

sub passes_trial {
    my ($agent) = @_;
    put("$RUN/trial.filter", filter_text($agent->{spec}{rules}, 0));
    put("$RUN/trial.conf", Egress::Configs::tinyproxy_trial("$RUN/trial.filter"));
    local $SIG{CHLD} = 'DEFAULT';
    my $said = `tinyproxy -d -c $RUN/trial.conf 2>&1 </dev/null`;
    return 1 if $? >> 8 == 71;
    my ($why) = $said =~ /(line \d+.*)/;
    push @{$policy->{problems}}, [$agent->{spec}{name}, 'tinyproxy refuses its rules: ' . ($why // "exit $?")];
    return 0;
}

sub filter_text {
    my ($rules, $now) = @_;
    return join '', map { "$_\n" } sort { $a cmp $b } Egress::Policy::in_force($rules, $now);
}

# The files of all children as they have to be at this second.
sub refresh_files {
    $refreshed_at = time;
    refresh_agent($_, $refreshed_at) for values %agents;
}

# Milliseconds to the next moment at which time ends a rule; a second at most, as somebody may set the clock.
sub until_next_end {
    my @ends = grep { $_ > $refreshed_at } map { $_->[0] } map { (@{$_->{rules}}, @{$_->{spec}{names}}) } values %agents;
    my ($next) = sort { $a <=> $b } @ends or return ();
    my $wait = $next * 1000 - Egress::Clock::wall_ms();
    return $wait > 1000 ? 1000 : $wait < 10 ? 10 : $wait;
}

sub refresh_agent {
    my ($agent, $now) = @_;
    my %text = (
        filter => filter_text($agent->{rules}, $now),
        servers => Egress::Configs::servers(Egress::Policy::in_force($agent->{spec}{names}, $now)),
    );
    for my $pair (['filter', $agent->{proxy}], ['servers', $agent->{sink}]) {
        my ($file, $child) = @$pair;
        next if $text{$file} eq $agent->{$file};
        put("$agent->{dir}/$file", $text{$file});
        $agent->{$file} = $text{$file};
        $child->{wanted}++;
    }
}

# Says in `applied` that the policy is in force everywhere, or in `problems` why it is not.
sub report {
    my @late = grep { !Egress::Child::is_current($_) } children();
    my @problems = map { "$_->[0]\t" . Egress::Audit::clean($_->[1]) } @{$policy->{problems}};
    if (Egress::Clock::mono_ms() - $read_at >= $PATIENCE_MS) {
        push @problems, map { "$_->{agent}\t$_->{name} is not ready: " . Egress::Child::excuse($_) } @late;
    }
    my $text = join "\n", $policy->{generation}, @problems, '';
    if ($text ne $problems) {
        $problems = $text;
        if (@problems) { put("$LOG/problems", $text) } else { unlink "$LOG/problems" }
    }
    return if @late || @problems || $policy->{generation} eq '' || $applied eq $policy->{generation};
    $applied = $policy->{generation} if put("$LOG/applied", "$policy->{generation}\n");
}

# Replaces a file as a whole.
sub put {
    my ($file, $text) = @_;
    my $handle;
    my $written = open($handle, '>', "$file.new") && print({$handle} $text) && close($handle) && rename "$file.new", $file;
    complain("cannot write $file: $!") unless $written;
    return $written;
}

# Says it, but not the same all the time.
sub complain {
    my ($text) = @_;
    my $now = Egress::Clock::mono_ms();
    return if $text eq $complaint->[0] && $now - $complaint->[1] < 5000;
    $complaint = [$text, $now];
    print STDERR 'egress: ', Egress::Audit::clean($text, 1000), "\n";
}

# Ends everything that runs, in a second at most.
sub end {
    my ($status) = @_;
    Egress::Child::stop($_) for children();
    for (1 .. 100) {
        reap();
        last unless grep { defined $_->{pid} } children();
        select undef, undef, undef, 0.01;
    }
    Egress::Audit::flush($audit);
    exit($status // 0);
}
