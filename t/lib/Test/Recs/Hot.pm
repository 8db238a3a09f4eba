package Test::Recs::Hot;

# Copyright (C) recs authors

# Hot layers made without a running builder: a small snapshot is built from a
# few catalogue rows and events, its header is made that of a hot layer, and
# it is published as the builder does it.
#
#     my $id = Test::Recs::Hot::publish($t, catalog => [ {...} ]);
#
# "dir" is where (hot), "now" the clock of it in seconds (the present), "base"
# leaves it a base.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Path qw(make_path);
use JSON::PP ();

# of recs_format_header_t: magic, version, ... id, now_ms, ... kind

use constant MAGIC => 'RECSSNP1';
use constant { ID => 16, NOW => 24, KIND => 108 };

my $json = JSON::PP->new->canonical->utf8;
my $n = 0;


sub publish {
    my ($t, %o) = @_;
    my $dir = $t->dir . '/' . ($o{dir} // 'hot');
    my ($id) = make($t, %o);

    link_to($dir, $id);
    return $id;
}

# Changes "current"; what it names need not be there.

sub link_to {
    my ($dir, $id) = @_;

    symlink "snap-$id.mdb", "$dir/current.new" or die "symlink: $!";
    rename "$dir/current.new", "$dir/current" or die "rename: $!";
}

# Makes file and manifest without publishing; returns the id.

sub make {
    my ($t, %o) = @_;
    my $dir = $t->dir . '/' . ($o{dir} // 'hot');
    my $source = 'hot-source-' . ++$n;
    my $catalog = $o{catalog} // [];

    # a build needs an event; of a product that the layer names anyway

    my $events = $o{events}
        // [ { activityType => 'PRODUCT_VIEW', userId => 'nobody',
               sessionId => 'none', productId => $catalog->[0]{productId},
               timestamp => 1_767_571_200_000 } ];

    my $built = $t->build_snapshot(dir => $source, events => $events,
                                   catalog => $catalog,
                                   args => $o{args} // []);

    return write_as_hot($t, $t->dir . "/$source/snap-$built", $dir, %o);
}

# The same once more, as a builder that has nothing to say publishes it.

sub renew {
    my ($t, $id, %o) = @_;
    my $dir = $t->dir . '/' . ($o{dir} // 'hot');

    $n++;
    my $new = write_as_hot($t, "$dir/snap-$id", $dir, %o);
    link_to($dir, $new);
    return $new;
}

sub write_as_hot {
    my ($t, $from, $dir, %o) = @_;
    my $data = $t->read_file("$from.mdb");
    my $manifest = $json->decode($t->read_file("$from.json"));

    my $at = index $data, MAGIC . pack 'L<', 4;
    die 'no header' if $at < 0;

    my @number = (0xbeef0000 + $n, $$);
    my $id = sprintf '%08x%08x', @number;

    substr $data, $at + ID, 8, pack 'L<L<', reverse @number;
    substr $data, $at + NOW, 8, pack 'q<', 1000 * ($o{now} // time);
    substr $data, $at + KIND, 4, pack 'L<', $o{base} ? 0 : 1;

    $manifest->{id} = $id;
    $manifest->{sha256} = sha256_hex($data);

    make_path($dir);
    $t->write_file("$dir/snap-$id.mdb.new", $data);
    chmod 0444, "$dir/snap-$id.mdb.new";
    rename "$dir/snap-$id.mdb.new", "$dir/snap-$id.mdb";
    $t->write_file("$dir/snap-$id.json", $json->encode($manifest));

    return $id;
}

1;
