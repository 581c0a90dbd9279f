package Egress::Configs;
# The text that tinyproxy and dnsmasq are started with.
use strict;
use warnings;

my @DNSMASQ = qw(
    dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user= --group= --log-facility=- --bind-interfaces
    --no-resolv --no-hosts --no-poll --no-ident --local=/invalid/
);

# One agent's proxy. There is no ConnectPort: rules name the port, and a refusal by ConnectPort is neither logged nor
# answered with the agent's own page.
sub tinyproxy {
    my ($agent, $filter) = @_;
    return <<"END";
Listen $agent->{address}
Port 8888
Timeout 600
MaxClients 600
LogLevel Connect
Filter "$filter"
FilterType ere
FilterURLs On
FilterDefaultDeny Yes
DisableViaHeader Yes
ErrorFile 403 "$agent->{page}"
Allow $agent->{client}
END
}

# The same filter with an address that nobody has: tinyproxy ends with 71 when it would have taken the filter and with
# 65 when a rule is bad. grep -E is no judge: it takes `*a` and `a{1`, which end tinyproxy.
sub tinyproxy_trial {
    my ($filter) = @_;
    return tinyproxy({ address => '192.0.2.1', client => '192.0.2.1/32', page => '/dev/null' }, $filter);
}

# What the agent asks. Everything is unknown but what the servers file names, and nothing is kept: a name that is
# taken away is gone at once.
sub sink {
    my ($address, $servers) = @_;
    return (
        @DNSMASQ, "--listen-address=$address", '--local=/#/', "--servers-file=$servers",
        '--cache-size=0', '--filter-AAAA', '--log-queries',
    );
}

# What the proxies ask: the engine's own resolver, or those that it was told of where there is none, without answers that point at something private, but for the names
# that their owner says are private. This machine and the link are nobody's: $blocked has those, whoever asks.
sub resolver {
    my ($blocked, $private) = @_;
    my @servers = split / /, $ENV{EGRESS_NAME_SERVERS} // '127.0.0.11';
    return (
        @DNSMASQ, '--listen-address=127.0.0.1', (map { "--server=$_" } @servers), '--stop-dns-rebind', '--cache-size=1000',
        # Hundreds of connections at once ask the same: names that may not be kept are kept for a moment.
        '--min-cache-ttl=5', '--dns-forward-max=2000', (has_ipv6() ? () : '--filter-AAAA'), (map { "--rebind-domain-ok=/$_/" } @$private), map { "--bogus-nxdomain=$_" } @$blocked,
    );
}

# dnsmasq takes a name to mean everything below it too. `*.name` is more exact and wins, so it closes what is below,
# and the other way round; unless a wildcard allows it anyway.
sub servers {
    my (@names) = @_;
    my %open = map { $_ => 1 } @names;
    return "server=/#/127.0.0.1\n" if $open{'*'};
    my $text = '';
    for my $name (sort @names) {
        my ($wildcard, $base) = $name =~ /\A(\*\.)?(.+)\z/;
        my $closed = defined $wildcard ? $base : "*.$base";
        $text .= "server=/$name/127.0.0.1\n";
        $text .= "server=/$closed/\n" unless $open{$closed} || below_wildcard($base, \%open);
    }
    return $text;
}

sub below_wildcard {
    my ($name, $open) = @_;
    while ($name =~ s/\A[^.]+\.//) { return 1 if $open->{"*.$name"} }
    return 0;
}

# Whether this container has an address that IPv6 could leave from (scope 00 is global; lo has 10).
sub has_ipv6 {
    open my $handle, '<', '/proc/net/if_inet6' or return 0;
    return scalar grep { /\A\S+ \S+ \S+ 00 / } <$handle>;
}

1;
