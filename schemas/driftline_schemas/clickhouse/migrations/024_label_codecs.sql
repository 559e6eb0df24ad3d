-- Labels stand by the hour and, in it, by their hash: so their times and positions are in no order, differences say
-- nothing, and to decompress them was nearly half of what reading labels took. T64 cuts off the bits that all of a block
-- share; with LZ4 the table is as small as before. What is stored already changes with its next merge.

ALTER TABLE label_index
    MODIFY COLUMN event_hash CODEC(NONE),
    MODIFY COLUMN timestamp CODEC(T64, LZ4),
    MODIFY COLUMN predicted_at CODEC(T64, LZ4),
    MODIFY COLUMN segment CODEC(LZ4),
    MODIFY COLUMN error CODEC(LZ4),
    MODIFY COLUMN position CODEC(T64, LZ4);
