package Egress::LogLines;
# What the lines of tinyproxy and dnsmasq mean. Agents write parts of them, always after a fixed beginning.
use strict;
use warnings;

my $FD = qr/\(file descriptor (\d+)\)/;

# A reader of one tinyproxy's lines. It answers ['reloaded'], ['audit', verdict, target], ['notice', text] for what
# people should hear of, ['other', text] for what may explain an end, or nothing. "Established connection" names no port, so requests are remembered until then.
sub proxy_reader {
    my (%request, %waiting);
    my $forget = sub {
        my ($fd) = @_;
        my $target = delete $request{$fd} // return undef;
        my ($host) = $target =~ /\A(.*?):\d+\z/ ? $1 : $target;
        delete $waiting{$host}{$fd};
        delete $waiting{$host} unless %{$waiting{$host}};
        return $target;
    };
    my $remember = sub {
        my ($fd, $line) = @_;
        my $target = lc((split / /, $line, 3)[1] // $line);
        my ($host) = $target =~ /\A(.*?):\d+\z/ ? $1 : $target;
        $request{$fd} = $target;
        $waiting{$host}{$fd} = 1;
    };
    my $found = sub {
        my ($host) = @_;
        my ($fd) = keys %{$waiting{$host} // {}};
        return defined $fd ? $forget->($fd) : $host;
    };
    return sub {
        my ($line) = @_;
        my ($level, $text) = $line =~ /\A([A-Z]+) +\w{3} [ \d]\d [\d:.]+ \[\d+\]: (.*)\z/s or return ['other', $line];
        if ($text =~ /\AConnect $FD: /) { $forget->($1); return }
        if ($text =~ /\ARequest $FD: (.*)\z/s) { $remember->($1, substr $2, 0, 400); return }
        if ($text =~ /\AProxying refused on filtered url "(.*?)"?\z/s) { return ['audit', 'denied', lc $1] }
        if ($text =~ /\AEstablished connection to host "(.*)" using file descriptor \d+\.\z/s) {
            return ['audit', 'allowed', $found->(lc $1)];
        }
        if ($text =~ /\Aopensock: Could not (?:retrieve address info for|establish a connection to) (\S+?:\d+)(?::|\z)/) {
            return ['audit', 'failed', lc $1];
        }
        if ($text =~ /\Aprocess_request: Bad Request on file descriptor (\d+)\z/) {
            return ['audit', 'denied', $forget->($1) // '?'];
        }
        if ($text =~ /\AUnauthorized connection from "([\d.]+)"/) { return ['audit', 'denied', "(from $1)"] }
        return ['reloaded'] if $text eq 'Re-reading filter file.';
        return ['notice', $text] if $text =~ /\AMaximum number of connections/;
        return $level =~ /\A(?:WARNING|CRITICAL)\z/ ? ['other', $text] : ();
    };
}

# The same for a sink: names that were passed on or refused. Our own probes are not audited.
sub sink_reader {
    return sub {
        my ($text) = $_[0] =~ /\Adnsmasq\[\d+\]: (.*)\z/s or return ['other', $_[0]];
        my ($verdict, $name) =
            $text =~ /\Aforwarded (.*) to 127\.0\.0\.1\z/s ? ('allowed', $1)
            : $text =~ /\Aconfig (.*) is (?:NXDOMAIN|NODATA)\z/s ? ('denied', $1)
            : ();
        return ['audit', $verdict, lc $name] if defined $name && $name !~ /\Aprobe-\d+\.devkit\.invalid\z/;
        return $text =~ /\A(?:failed|cannot|Maximum|bad)/ ? ['other', $text] : ();
    };
}

sub resolver_reader {
    return sub {
        my ($text) = $_[0] =~ /\Adnsmasq\[\d+\]: (.*)\z/s or return ['other', $_[0]];
        return ['notice', $text] if $text =~ /\A(?:possible DNS-rebind|Maximum)/;
        return $text =~ /\A(?:failed|cannot|bad)/ ? ['other', $text] : ();
    };
}

1;
