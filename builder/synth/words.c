/*
 * Copyright (C) recs authors
 *
 * The words of the shop.  Demand, prices and seasons of its categories are
 * those of a European department store, roughly.
 */

#include "synth.h"


const recs_synth_leaf_t  recs_synth_leaves[] = {

    { "Electronics", "Phones", "Smartphones", "Smartphone", 449, 9, 48, .5f,
      RECS_SYNTH_DEVICE, { "Phone Cases", "Chargers" } },
    { "Electronics", "Phones", "Phone Cases", "Phone Case", 19, 5, 49, .3f,
      RECS_SYNTH_DEVICE, { "Screen Protectors", "Chargers" } },
    { "Electronics", "Phones", "Screen Protectors", "Screen Protector", 12,
      2, 49, .2f, RECS_SYNTH_DEVICE, { "Phone Cases", NULL } },
    { "Electronics", "Phones", "Chargers", "Charger", 24, 3, 50, .3f,
      RECS_SYNTH_DEVICE, { "Phone Cases", NULL } },
    { "Electronics", "Audio", "Headphones", "Headphones", 89, 7, 49, .6f,
      RECS_SYNTH_DEVICE, { "Smartphones", NULL } },
    { "Electronics", "Audio", "Speakers", "Speaker", 119, 4, 49, .5f,
      RECS_SYNTH_DEVICE, { "Chargers", NULL } },
    { "Electronics", "Computers", "Laptops", "Laptop", 849, 5, 36, .4f,
      RECS_SYNTH_DEVICE, { "Laptop Sleeves", "Mice and Keyboards" } },
    { "Electronics", "Computers", "Laptop Sleeves", "Laptop Sleeve", 29, 2,
      36, .3f, RECS_SYNTH_DEVICE, { "Mice and Keyboards", NULL } },
    { "Electronics", "Computers", "Mice and Keyboards", "Keyboard", 49, 3,
      36, .2f, RECS_SYNTH_DEVICE, { "Laptop Sleeves", NULL } },
    { "Electronics", "Photo", "Cameras", "Camera", 629, 2, 27, .4f,
      RECS_SYNTH_DEVICE, { "Memory Cards", "Camera Bags" } },
    { "Electronics", "Photo", "Memory Cards", "Memory Card", 22, 2, 27, .3f,
      RECS_SYNTH_DEVICE, { "Camera Bags", NULL } },
    { "Electronics", "Photo", "Camera Bags", "Camera Bag", 59, 1, 27, .3f,
      RECS_SYNTH_THING, { "Memory Cards", NULL } },

    { "Fashion", "Shoes", "Running Shoes", "Running Shoe", 109, 8, 16, .4f,
      RECS_SYNTH_SHOES, { "Sports Socks", "Running Shirts" } },
    { "Fashion", "Shoes", "Hiking Boots", "Hiking Boot", 159, 4, 36, .6f,
      RECS_SYNTH_SHOES, { "Sports Socks", "Shoe Care" } },
    { "Fashion", "Shoes", "Sneakers", "Sneaker", 89, 8, 14, .3f,
      RECS_SYNTH_SHOES, { "Sports Socks", "Shoe Care" } },
    { "Fashion", "Shoes", "Sandals", "Sandal", 49, 3, 25, .9f,
      RECS_SYNTH_SHOES, { NULL, NULL } },
    { "Fashion", "Shoes", "Shoe Care", "Shoe Care Kit", 14, 1, 44, .2f,
      RECS_SYNTH_USED_UP, { NULL, NULL } },
    { "Fashion", "Clothing", "Winter Jackets", "Jacket", 179, 6, 46, .95f,
      RECS_SYNTH_CLOTHES, { "Gloves and Hats", "Sweaters" } },
    { "Fashion", "Clothing", "Sweaters", "Sweater", 69, 5, 45, .8f,
      RECS_SYNTH_CLOTHES, { "Jeans", NULL } },
    { "Fashion", "Clothing", "T-Shirts", "T-Shirt", 24, 7, 24, .6f,
      RECS_SYNTH_CLOTHES, { "Jeans", NULL } },
    { "Fashion", "Clothing", "Running Shirts", "Running Shirt", 39, 3, 17,
      .4f, RECS_SYNTH_CLOTHES, { "Sports Socks", NULL } },
    { "Fashion", "Clothing", "Jeans", "Jeans", 79, 6, 38, .2f,
      RECS_SYNTH_CLOTHES, { "T-Shirts", NULL } },
    { "Fashion", "Clothing", "Swimwear", "Swimsuit", 44, 3, 25, .95f,
      RECS_SYNTH_CLOTHES, { "Sandals", NULL } },
    { "Fashion", "Clothing", "Gloves and Hats", "Hat", 29, 2, 48, .95f,
      RECS_SYNTH_CLOTHES, { "Winter Jackets", NULL } },
    { "Fashion", "Clothing", "Sports Socks", "Socks", 14, 3, 18, .2f,
      RECS_SYNTH_CLOTHES, { "Running Shirts", NULL } },

    { "Outdoor", "Camping", "Tents", "Tent", 219, 3, 24, .9f,
      RECS_SYNTH_THING, { "Sleeping Bags", "Camping Mats" } },
    { "Outdoor", "Camping", "Sleeping Bags", "Sleeping Bag", 129, 2, 24, .8f,
      RECS_SYNTH_THING, { "Camping Mats", NULL } },
    { "Outdoor", "Camping", "Camping Mats", "Camping Mat", 59, 2, 24, .8f,
      RECS_SYNTH_THING, { "Sleeping Bags", NULL } },
    { "Outdoor", "Hiking", "Backpacks", "Backpack", 99, 5, 28, .5f,
      RECS_SYNTH_THING, { "Water Bottles", "Trekking Poles" } },
    { "Outdoor", "Hiking", "Trekking Poles", "Trekking Poles", 69, 1, 34,
      .5f, RECS_SYNTH_THING, { "Hiking Boots", NULL } },
    { "Outdoor", "Hiking", "Water Bottles", "Water Bottle", 22, 3, 26, .5f,
      RECS_SYNTH_THING, { NULL, NULL } },
    { "Outdoor", "Cycling", "Bicycles", "Bicycle", 749, 3, 18, .7f,
      RECS_SYNTH_THING, { "Helmets", "Bicycle Lights" } },
    { "Outdoor", "Cycling", "Helmets", "Helmet", 69, 2, 18, .6f,
      RECS_SYNTH_THING, { "Bicycle Lights", NULL } },
    { "Outdoor", "Cycling", "Bicycle Lights", "Bicycle Light", 34, 2, 43,
      .5f, RECS_SYNTH_DEVICE, { "Helmets", NULL } },

    { "Home", "Kitchen", "Coffee Machines", "Coffee Machine", 249, 4, 48,
      .5f, RECS_SYNTH_DEVICE, { "Coffee", "Mugs" } },
    { "Home", "Kitchen", "Coffee", "Coffee Beans", 16, 4, 3, .1f,
      RECS_SYNTH_USED_UP, { "Mugs", NULL } },
    { "Home", "Kitchen", "Mugs", "Mug", 12, 3, 48, .4f,
      RECS_SYNTH_THING, { "Coffee", NULL } },
    { "Home", "Kitchen", "Cookware", "Pan", 54, 4, 48, .4f,
      RECS_SYNTH_THING, { "Kitchen Knives", NULL } },
    { "Home", "Kitchen", "Kitchen Knives", "Knife", 44, 2, 48, .4f,
      RECS_SYNTH_THING, { "Cookware", NULL } },
    { "Home", "Living", "Lamps", "Lamp", 64, 4, 45, .5f,
      RECS_SYNTH_DEVICE, { NULL, NULL } },
    { "Home", "Living", "Bedding", "Duvet Cover", 49, 4, 4, .3f,
      RECS_SYNTH_THING, { NULL, NULL } },
    { "Home", "Garden", "Grills", "Grill", 229, 3, 21, .95f,
      RECS_SYNTH_THING, { "Grill Tools", NULL } },
    { "Home", "Garden", "Grill Tools", "Grill Tongs", 24, 1, 22, .9f,
      RECS_SYNTH_THING, { NULL, NULL } },
    { "Home", "Garden", "Plant Pots", "Plant Pot", 18, 2, 17, .7f,
      RECS_SYNTH_THING, { NULL, NULL } },

    { "Beauty", NULL, "Face Care", "Face Cream", 26, 4, 5, .2f,
      RECS_SYNTH_USED_UP, { "Sun Care", NULL } },
    { "Beauty", NULL, "Sun Care", "Sun Lotion", 17, 3, 26, .95f,
      RECS_SYNTH_USED_UP, { "Face Care", NULL } },
    { "Beauty", NULL, "Fragrances", "Eau de Parfum", 74, 3, 50, .7f,
      RECS_SYNTH_USED_UP, { NULL, NULL } },

    { "Toys", NULL, "Building Sets", "Building Set", 49, 4, 49, .9f,
      RECS_SYNTH_THING, { NULL, NULL } },
    { "Toys", NULL, "Board Games", "Board Game", 34, 3, 50, .9f,
      RECS_SYNTH_THING, { "Puzzles", NULL } },
    { "Toys", NULL, "Puzzles", "Puzzle", 19, 2, 50, .8f,
      RECS_SYNTH_THING, { "Board Games", NULL } },

    { "Pets", NULL, "Dog Food", "Dog Food", 39, 3, 1, .05f,
      RECS_SYNTH_USED_UP, { "Dog Beds", NULL } },
    { "Pets", NULL, "Dog Beds", "Dog Bed", 59, 1, 46, .2f,
      RECS_SYNTH_THING, { NULL, NULL } },
    { "Pets", NULL, "Cat Toys", "Cat Toy", 11, 2, 50, .2f,
      RECS_SYNTH_THING, { NULL, NULL } },

    { NULL, NULL, NULL, NULL, 0, 0, 0, 0, RECS_SYNTH_THING, { NULL, NULL } }
};


const char *const  recs_synth_brand_heads[24] = {
    "Nor", "Alt", "Vel", "Kes", "Bre", "Tor", "Lin", "Mar", "Os", "Hal",
    "Sol", "Fjel", "Quin", "Ard", "Cal", "Est", "Gro", "Ives", "Jor", "Lux",
    "Pel", "Ren", "Tam", "Wes"
};

const char *const  recs_synth_brand_tails[16] = {
    "vik", "ano", "mont", "ton", "berg", "wick", "field", "ora", "dal",
    "stead", "ley", "haven", "gard", "iva", "mere", "by"
};

const char *const  recs_synth_stems[32] = {
    "Trail", "Ridge", "Storm", "River", "North", "Summit", "Cloud", "Ember",
    "Stone", "Coast", "Metro", "Nova", "Pulse", "Echo", "Lunar", "Solar",
    "Terra", "Aero", "Forest", "Glacier", "Harbor", "Meadow", "Orbit",
    "Prime", "Quartz", "Silver", "Swift", "Timber", "Urban", "Vista",
    "Wild", "Zephyr"
};

const char *const  recs_synth_tails[16] = {
    "runner", "line", "peak", "cross", "wave", "flow", "craft", "mark",
    "light", "shift", "way", "scape", "bound", "form", "core", "rise"
};

const char *const  recs_synth_models[16] = {
    "Light", "Pro", "Classic", "Air", "Max", "Mini", "Plus", "Eco", "Sport",
    "Active", "Comfort", "Studio", "Travel", "Everyday", "Signature", "One"
};

const char *const  recs_synth_colours[10] = {
    "black", "white", "grey", "navy", "red", "green", "blue", "sand",
    "yellow", "pink"
};

const char *const  recs_synth_materials[5][4] = {
    { "cotton", "wool", "polyester", "linen" },
    { "leather", "mesh", "suede", "canvas" },
    { "aluminium", "plastic", "glass", "silicone" },
    { "steel", "wood", "nylon", "ceramic" },
    { "organic", "vegan", "classic", "sensitive" }
};

const char *const  recs_synth_sizes[6] = {
    "XS", "S", "M", "L", "XL", "XXL"
};

const char *const  recs_synth_praise[8] = {
    "reliable", "comfortable", "well-made", "lightweight", "durable",
    "compact", "elegant", "practical"
};

const char *const  recs_synth_regions[8] = {
    "DE", "FR", "GB", "NL", "ES", "IT", "PL", "AT"
};
