  (func (;winograd tiles 2 8 0,4,8,12 0,32,64,96;) (param i32 i32 i32 i32)
    (local v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 v128 v128 v128)
    local.get 0
    i32.const 128
    i32.add
    local.set 13
    loop
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 4
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 5
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 6
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 7
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 8
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 9
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 10
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 11
      local.get 0
      local.set 12
      block
        loop
          local.get 1
          v128.load
          local.set 14
          local.get 1
          v128.load offset=16
          local.set 15
          local.get 12
          v128.load32_splat
          local.set 16
          local.get 16
          local.get 14
          local.get 4
          f32x4.relaxed_madd
          local.set 4
          local.get 16
          local.get 15
          local.get 5
          f32x4.relaxed_madd
          local.set 5
          local.get 12
          v128.load32_splat offset=4
          local.set 16
          local.get 16
          local.get 14
          local.get 6
          f32x4.relaxed_madd
          local.set 6
          local.get 16
          local.get 15
          local.get 7
          f32x4.relaxed_madd
          local.set 7
          local.get 12
          v128.load32_splat offset=8
          local.set 16
          local.get 16
          local.get 14
          local.get 8
          f32x4.relaxed_madd
          local.set 8
          local.get 16
          local.get 15
          local.get 9
          f32x4.relaxed_madd
          local.set 9
          local.get 12
          v128.load32_splat offset=12
          local.set 16
          local.get 16
          local.get 14
          local.get 10
          f32x4.relaxed_madd
          local.set 10
          local.get 16
          local.get 15
          local.get 11
          f32x4.relaxed_madd
          local.set 11
          local.get 12
          i32.const 16
          i32.add
          local.set 12
          local.get 1
          i32.const 32
          i32.add
          local.set 1
          local.get 12
          local.get 13
          i32.lt_u
          br_if 0
        end
      end
      local.get 2
      local.get 4
      v128.store
      local.get 2
      local.get 5
      v128.store offset=16
      local.get 2
      local.get 6
      v128.store offset=32
      local.get 2
      local.get 7
      v128.store offset=48
      local.get 2
      local.get 8
      v128.store offset=64
      local.get 2
      local.get 9
      v128.store offset=80
      local.get 2
      local.get 10
      v128.store offset=96
      local.get 2
      local.get 11
      v128.store offset=112
      local.get 2
      i32.const 128
      i32.add
      local.set 2
      local.get 3
      i32.const -1
      i32.add
      local.set 3
      local.get 3
      br_if 0
    end
  )
