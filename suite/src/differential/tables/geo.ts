import { readTable } from "../script.ts"

/** Places: sorted sets whose scores are positions. */
export const geo = readTable(`
# GEO: adding, places, distances, hashes
geoadd g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
geoadd g nx 1 1 Palermo
geoadd g xx ch 13.5 38 Palermo
geoadd g ch 13.361389 38.115556 Palermo 12 40 Edge
geopos g Palermo missing Catania
geopos missing a b
geodist g Palermo Catania
geodist g Palermo Catania km
geodist g Palermo missing
geodist missing a b
geodist g Palermo Catania nosuch
geohash g Palermo missing
geohash missing a
geoadd g 200 100 nowhere
geoadd g 1 x
zscore g Palermo
set s v
geoadd s 1 1 a
geopos s a

# GEOSEARCH and GEOSEARCHSTORE
geoadd g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12 40 Edge
geosearch g fromlonlat 15 37 byradius 200 km asc
geosearch g fromlonlat 15 37 bybox 400 400 km desc
geosearch g frommember Palermo byradius 300 km asc count 1
geosearch g frommember Palermo byradius 300 km asc withcoord withdist withhash
geosearch g frommember Palermo byradius 300 km asc withdist
geosearch g frommember missing byradius 300 km
geosearch missing fromlonlat 15 37 byradius 200 km
geosearch g fromlonlat 15 37
geosearch g fromlonlat 15 37 byradius 200 km count 1 any
geosearchstore d g fromlonlat 15 37 byradius 200 km
zrange d 0 -1
geosearchstore d g fromlonlat 15 37 byradius 200 km asc count 1 storedist
zrange d 0 -1
geosearchstore d g fromlonlat 15 37 byradius 200 km withdist

# GEORADIUS and its kin
geoadd g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
georadius g 15 37 200 km asc
georadius g 15 37 200 km withdist withcoord withhash desc
georadius g 15 37 200 km count 1 asc
georadius g 15 37 200 km store d
zcard d
georadius g 15 37 200 km storedist d
zcard d
georadius missing 15 37 200 km
georadius g 15 37 200 nosuch
georadius g 15 37 200 km withdist store d
georadius_ro g 15 37 200 km asc
georadius_ro g 15 37 200 km store d
georadiusbymember g Palermo 200 km asc
georadiusbymember g Palermo 200 km withdist store d
georadiusbymember g Palermo 200 km store d
georadiusbymember g missing 200 km
georadiusbymember_ro g Palermo 200 km withdist asc
`)
