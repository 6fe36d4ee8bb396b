# ports/shared/tiles.hpp: the last columns of a tile reach into the next row
s/{Wide::part(left - W), left}/{Wide::part(left), left}/
