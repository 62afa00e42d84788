#!/usr/bin/perl
# The generator once more, in another language, from sections 1 to 5 and 8 of docs/methods/randomization.md.
# Core modules of Perl only. Prints what golden.json holds, for cases.json:
#     perl third_implementation.pl
use strict;
use warnings;
use utf8;
use Digest::SHA qw(sha256 sha256_hex hmac_sha256);
use Encode qw(encode_utf8);
use FindBin;
use JSON::PP;
use Unicode::Normalize qw(NFC);

use constant GENERATOR => 'trialkit-randomization-1';

# Section 1: canonical JSON, domain, tagged digest, stratum label. Whole numbers are told from text by what
# holds them: ["n", 4] is the number 4, ["s", "A"] a text, ["a", ...] an array, ["o", {...}] an object.
sub canonical {
    my ($kind, @rest) = @{ $_[0] };
    return "$rest[0]" if $kind eq 'n';
    return 'null' if $kind eq '0';
    return quoted($rest[0]) if $kind eq 's';
    return '[' . join(',', map { canonical($_) } @rest) . ']' if $kind eq 'a';
    my $object = $rest[0];
    return '{' . join(',', map { quoted($_) . ':' . canonical($object->{$_}) } sort keys %$object) . '}';
}

sub quoted {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    return "\"$text\"";
}

sub domain { return GENERATOR . "/$_[0]\0" }
sub tagged { my ($tag, $value) = @_; return sha256_hex(domain($tag) . encode_utf8(canonical($value))) }
sub text   { return ['s', $_[0]] }
sub number { return ['n', $_[0]] }
sub list   { return ['a', @_] }

sub escaped {
    my ($name) = @_;
    $name =~ s/%/%25/g;
    $name =~ s/;/%3B/g;
    $name =~ s/=/%3D/g;
    return $name;
}

# Section 2: the design, with every name in NFC and everything in its one order.
sub design {
    my ($given) = @_;
    my %arms    = map { NFC($_) => $given->{arms}{$_} } keys %{ $given->{arms} };
    my %factors = map { NFC($_) => [ sort map { NFC($_) } @{ $given->{factors}{$_} } ] } keys %{ $given->{factors} };
    my $lengths = $given->{block_lengths} && [ sort { $a <=> $b } @{ $given->{block_lengths} } ];
    my $size    = $given->{subjects_per_stratum};
    my $form    = ['o', {
        arms                 => list(map { list(text($_), number($arms{$_})) } sort keys %arms),
        block_lengths        => $lengths ? list(map { number($_) } @$lengths) : ['0'],
        factors              => list(map { my $f = $_; list(text($f), list(map { text($_) } @{ $factors{$f} })) } sort keys %factors),
        subjects_per_stratum => number($size),
    }];
    return { arms => \%arms, factors => \%factors, lengths => $lengths, size => $size, form => $form };
}

sub strata {
    my ($factors) = @_;
    my @names = sort keys %$factors or return ('all');
    my @labels = ('');
    for my $name (@names) {
        @labels = map {
            my $begun = $_;
            map { ($begun eq '' ? '' : "$begun;") . escaped($name) . '=' . escaped($_) } @{ $factors->{$name} }
        } @labels;
    }
    return sort @labels;
}

# Section 3: the stream of a stratum.
sub seed_of {
    my ($seed) = @_;
    return pack('H*', $seed) if "$seed" =~ /\A[0-9a-f]{64}\z/;
    return sha256(domain('integer-seed') . "$seed");
}

sub stream {
    my ($seed, $label) = @_;
    my ($counter, $bytes) = (0, '');
    my $message = domain('stratum') . encode_utf8($label) . "\0";
    return sub {
        my ($k) = @_;
        return 0 if $k == 1;
        my $limit = 2**32 - 2**32 % $k;
        while (1) {
            $bytes .= hmac_sha256($message . pack('Q>', $counter++), $seed) if length $bytes < 4;
            my $word = unpack('N', substr($bytes, 0, 4, ''));
            return $word % $k if $word < $limit;
        }
    };
}

# Section 4: the slots of a stratum, as blocks of arms.
sub blocks {
    my ($design, $seed, $label) = @_;
    my $below = stream($seed, $label);
    my @arms  = sort keys %{ $design->{arms} };
    my $sum   = 0;
    $sum += $_ for values %{ $design->{arms} };
    my ($slots, @blocks) = (0);
    while ($slots < $design->{size}) {
        my @block;
        if ($design->{lengths}) {
            my @lengths = @{ $design->{lengths} };
            my $length  = $lengths[ $below->(scalar @lengths) ];
            @block = map { ($_) x ($design->{arms}{$_} * $length / $sum) } @arms;
            for (my $i = $length - 1; $i >= 1; $i--) {
                my $j = $below->($i + 1);
                @block[$i, $j] = @block[$j, $i];
            }
        }
        else {
            my @shares = map { ($_) x $design->{arms}{$_} } @arms;
            @block = ($shares[ $below->($sum) ]);
        }
        push @blocks, \@block;
        $slots += @block;
    }
    return @blocks;
}

# Sections 5 and 8: digest and name of the schedule, and the commitment.
sub answer {
    my ($case) = @_;
    my $design = design($case->{design});
    my $seed   = seed_of($case->{seed});
    my %made   = map { $_ => [ blocks($design, $seed, $_) ] } strata($design->{factors});
    my $schedule = tagged('schedule', ['o', {
        design    => $design->{form},
        generator => text(GENERATOR),
        strata    => list(map {
            my $label = $_;
            ['o', { blocks => list(map { list(map { text($_) } @$_) } @{ $made{$label} }), stratum => text($label) }]
        } sort keys %made),
    }]);
    my $design_digest = tagged('design', $design->{form});
    my $previous      = $case->{previous_commitment};
    my ($first)       = sort keys %made;
    my $slots         = 0;
    $slots += @$_ for map { @$_ } values %made;
    return {
        design_digest   => $design_digest,
        schedule_digest => $schedule,
        schedule_id     => unpack('H16', hmac_sha256(domain('schedule-id') . $design_digest, $seed)),
        commitment      => tagged('commitment', ['o', {
            bundle_digest       => text($case->{bundle_digest}),
            design              => $design->{form},
            generator           => text(GENERATOR),
            previous_commitment => defined $previous ? text($previous) : ['0'],
            schedule_digest     => text($schedule),
            seed                => text(unpack('H*', $seed)),
        }]),
        first_arms => [ grep { defined } @{ $made{$first}[0] }[0 .. 5] ],
        slots      => $slots,
    };
}

my $json = JSON::PP->new->utf8->canonical->pretty->allow_bignum;
open my $file, '<:raw', "$FindBin::Bin/cases.json" or die "cases.json: $!\n";
my $cases = $json->decode(do { local $/; <$file> });
my %answers = map { $_->{name} => answer($_) } @$cases;
my $below = stream(seed_of(1), 'rejection');
$answers{'numbers below 3000000000'} = [ map { $below->(3_000_000_000) } 1 .. 40 ];
print $json->encode(\%answers);
